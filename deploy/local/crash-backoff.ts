/** Longest pause between two starts, in ms. */
const maxMs = 10_000
/** A crash this long after the one before, in ms, is a first one again. */
const forgetMs = 60_000

/** How long to wait before something that crashed is started again: not at all, then 250 ms, doubled each time up to 10 s. */
export class CrashBackoff {
  #crashes = 0
  #lastMs = Number.NEGATIVE_INFINITY

  /** The pause in ms after a crash at `nowMs` of a steady clock. */
  next(nowMs: number = performance.now()): number {
    this.#crashes = nowMs - this.#lastMs > forgetMs ? 1 : this.#crashes + 1
    this.#lastMs = nowMs
    return this.#crashes === 1 ? 0 : Math.min(maxMs, 250 * 2 ** (this.#crashes - 2))
  }
}
