import { sameEndpoints } from './endpoints.ts'
import type { Endpoint, Services, SourceListener } from './source.ts'

/**
 * Tells a listener what is new only: an update when something changed, with the arrays of before where nothing did; `recovered`
 * once after any number of faults.
 */
export class Teller {
  readonly #listener: SourceListener
  #told: Services | undefined
  #faulty = false

  constructor(listener: SourceListener) {
    this.#listener = listener
  }

  /** All there is now. Says nothing of faults. */
  update(services: Services): void {
    const last = this.#told
    const next = new Map([...services].map(([name, endpoints]) => [name, kept(last?.get(name), endpoints)]))
    const same = last?.size === next.size && [...next].every(([name, endpoints]) => last.get(name) === endpoints)
    if (same) return
    this.#told = next
    this.#listener.update(next)
  }

  fault(problem: Error): void {
    this.#faulty = true
    this.#listener.fault(problem)
  }

  recovered(): void {
    if (!this.#faulty) return
    this.#faulty = false
    this.#listener.recovered()
  }
}

function kept(last: readonly Endpoint[] | undefined, next: readonly Endpoint[]): readonly Endpoint[] {
  return last !== undefined && sameEndpoints(last, next) ? last : next
}
