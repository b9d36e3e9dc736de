/** Computing times of one kind of task, of which the last are kept. */
const kept = 64
/** Of these, the part that may take longer than `highMs` says. */
const tail = 0.05
/** Part that the newest time has in the mean, once there are some: about the last 16 count. */
const leastWeight = 1 / 16

/**
 * What tasks of one kind cost, learned from those that ended: a mean, for the wait of those behind, and a high quantile, for
 * whether one fits its deadline. Both are needed: of the checks of one size the primes take a hundred times as long as the others.
 */
export class Cost {
  /** Expected computing time in milliseconds. */
  meanMs: number
  /** What 19 of 20 tasks stay under, in milliseconds. */
  highMs: number
  readonly #recentMs = new Float64Array(kept)
  #count = 0

  /** `guessMs` counts until there is a first time, and as much as that one afterwards. */
  constructor(guessMs: number) {
    this.meanMs = guessMs
    this.highMs = guessMs
  }

  /** A task of this kind took `computeMs` milliseconds. */
  learn(computeMs: number): void {
    this.#recentMs[this.#count % kept] = computeMs
    this.#count += 1
    this.meanMs += (computeMs - this.meanMs) * Math.max(leastWeight, 1 / (this.#count + 1))
    // Sorting costs as much as handing a task over: not for each, once there are some.
    if (this.#count < 16 || this.#count % 8 === 0) this.highMs = this.#quantile()
  }

  #quantile(): number {
    const sorted = this.#recentMs.subarray(0, Math.min(this.#count, kept)).toSorted()
    return sorted[sorted.length - 1 - Math.floor(sorted.length * tail)] as number
  }
}
