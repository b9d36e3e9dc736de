/** How fast the past fades, in ms: what is so old has weight 1/e. Balancers read every second or every ten. */
const fadeMs = 2000

/**
 * A mean over time in which the past fades. Its first value counts whole, so it is right from the beginning. Means that are
 * given values together fade together, so the ratio of two stays what it was when both had work.
 */
export class DecayingMean {
  #sum = 0
  #weight = 0

  /** What was true for the last `spanMs`; it weighs as much as it says of `seenMs`, by default of all of them. */
  add(value: number, spanMs: number, seenMs = spanMs): void {
    const kept = Math.exp(-spanMs / fadeMs)
    const weight = 1 - Math.exp(-seenMs / fadeMs)
    this.#sum = this.#sum * kept + value * weight
    this.#weight = this.#weight * kept + weight
  }

  /** The mean; 0 before the first value. */
  get value(): number {
    return this.#weight === 0 ? 0 : this.#sum / this.#weight
  }
}
