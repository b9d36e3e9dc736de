import { setTimeout as delay } from 'node:timers/promises'

/** Bounds of a back-off, in ms. */
export interface BackOffOptions {
  /** Bound of the first pause. */
  minMs: number
  /** Bound of all later ones, which double until then. */
  maxMs: number
}

/**
 * Soon enough not to be noticed after a hiccup, and at most 5 s late after an outage. With full jitter, several control planes do
 * not come back in step.
 */
export const defaultBackOff: BackOffOptions = { minMs: 100, maxMs: 5000 }

/** Pauses between attempts: random below a bound that doubles with each failure. */
export class BackOff {
  readonly #options: BackOffOptions
  readonly #random: () => number
  #failures = 0

  constructor(options: BackOffOptions = defaultBackOff, random: () => number = Math.random) {
    this.#options = options
    this.#random = random
  }

  /** How long to wait after one more failure, in ms. */
  nextMs(): number {
    const boundMs = Math.min(this.#options.maxMs, this.#options.minMs * 2 ** this.#failures)
    this.#failures += 1
    return this.#random() * boundMs
  }

  /** After a success: the next pause is short again. */
  reset(): void {
    this.#failures = 0
  }
}

/** Waits, but not beyond the abortion of `signal`; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch {
    // Aborted: whoever waits looks at the signal.
  }
}
