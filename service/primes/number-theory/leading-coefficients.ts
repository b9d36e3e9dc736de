import type { FactorBase } from './factor-base.ts'
import type { RandomNumbers } from './random-numbers.ts'

/** Larger primes in a are lost to the sieve at little cost, smaller ones give more polynomials for one a. */
const LARGEST_PREFERRED_PRIME = 3000

/** How far a may be from its best value, as a logarithm, at the first try and how much more at each further one. */
const FIRST_TOLERANCE = 0.05
const TOLERANCE_STEP = 0.002
const TRIES = 2000

/** What the leading coefficients are chosen from and for. */
export interface LeadingCoefficientSetting {
  readonly base: FactorBase
  /** The natural logarithm of the value that keeps the polynomial smallest: sqrt(2 n) / halfLength. */
  readonly logTarget: number
  readonly random: RandomNumbers
}

/** Gives sets of primes of the base, none twice, whose products are near a target. */
export class LeadingCoefficients {
  readonly #setting: LeadingCoefficientSetting
  readonly #used = new Set<string>()
  /** Indices of the odd primes whose root is not 0: only modulo these has the polynomial a part. */
  readonly #eligible: readonly number[]
  readonly #pool: readonly number[]
  readonly #count: number

  constructor(setting: LeadingCoefficientSetting) {
    this.#setting = setting
    const { primes, roots } = setting.base
    this.#eligible = [...primes.keys()].filter((index) => index > 0 && roots[index] !== 0)
    const largest = Math.min(LARGEST_PREFERRED_PRIME, primes[primes.length - 1]! / 2)
    this.#count = Math.max(2, Math.ceil(setting.logTarget / Math.log(largest)))
    const ideal = Math.exp(setting.logTarget / this.#count)
    this.#pool = this.#eligible.filter((index) => primes[index]! > ideal / 2 && primes[index]! < ideal * 2)
  }

  /** The indices of the next set, ascending, or undefined where no more are found. */
  next(): number[] | undefined {
    if (this.#pool.length < this.#count) return undefined
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const { indices, error } = this.#draw()
      const key = indices.join()
      if (error > FIRST_TOLERANCE + attempt * TOLERANCE_STEP || this.#used.has(key)) continue
      this.#used.add(key)
      return indices
    }
    return undefined
  }

  /** All but one prime by chance, the last one so that the product comes near the target. */
  #draw(): { indices: number[]; error: number } {
    const { base, logTarget, random } = this.#setting
    const chosen = new Set<number>()
    while (chosen.size < this.#count - 1) chosen.add(this.#pool[Number(random.below(BigInt(this.#pool.length)))]!)
    let missing = logTarget
    for (const index of chosen) missing -= Math.log(base.primes[index]!)
    const last = this.#nearest(Math.exp(missing), chosen)
    const error = Math.abs(missing - Math.log(base.primes[last]!))
    return { indices: [...chosen, last].toSorted((x, y) => x - y), error }
  }

  #nearest(value: number, chosen: ReadonlySet<number>): number {
    const { primes } = this.#setting.base
    let best = -1
    for (const index of this.#eligible) {
      if (chosen.has(index)) continue
      if (best === -1 || Math.abs(primes[index]! - value) < Math.abs(primes[best]! - value)) best = index
    }
    return best
  }
}
