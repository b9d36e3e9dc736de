/** Over how long demand is averaged, in milliseconds: long for a burst, short for a person who waits. */
const windowMs = 1000

/** How much computing is asked for: the expected costs of all tasks that come, as a rate that forgets exponentially. */
export class Demand {
  readonly #workers: number
  #workMs = 0
  #atMs = 0

  constructor(workers: number) {
    this.#workers = workers
  }

  /** A task came that is expected to take `meanMs`; `nowMs` is on the clock of `monotonicMs`. */
  add(meanMs: number, nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    this.#workMs = this.#workMs * Math.exp(-passedMs / windowMs) + meanMs
    this.#atMs += passedMs
  }

  /** When a task came last: what was asked for about the last second, over what the workers can do; above 1 they cannot keep up. */
  get ofCapacity(): number {
    return this.#workMs / (windowMs * this.#workers)
  }
}
