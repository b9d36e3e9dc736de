import { gcd } from './modular.ts'
import type { Poll } from './stop.ts'

/** Differences multiplied before one greatest common divisor is taken: some 40 us of work. */
const BATCH = 128

/**
 * A divisor of an odd composite n other than 1 and n, by Pollard's rho method as improved by R. Brent (An Improved Monte
 * Carlo Factorization Algorithm, 1980), or undefined after `maxSteps` steps of about 0.3 us. A divisor p is to be expected
 * after sqrt(p) steps.
 */
export function splitByRho(n: bigint, maxSteps: number, poll: Poll): bigint | undefined {
  let stepsLeft = maxSteps
  for (let increment = 1n; stepsLeft > 0; increment++) {
    const walk = new Walk(n, increment)
    while (stepsLeft > 0) {
      poll()
      const count = Math.min(BATCH, walk.stepsToNextAnchor)
      stepsLeft -= count
      const divisor = walk.advance(count)
      // All prime divisors were met at once: another walk parts them.
      if (divisor === n) break
      if (divisor !== 1n) return divisor
    }
  }
  return undefined
}

/** The sequence y -> y^2 + increment modulo n, compared with an anchor that is set anew after 1, 2, 4, 8, ... steps. */
class Walk {
  readonly #n: bigint
  readonly #increment: bigint
  #position = 2n
  #anchor = 2n
  #period = 1
  stepsToNextAnchor = 1

  constructor(n: bigint, increment: bigint) {
    this.#n = n
    this.#increment = increment
  }

  /** Takes so many steps and returns what their differences to the anchor have in common with n; 1n for nothing. */
  advance(count: number): bigint {
    const n = this.#n
    const start = this.#position
    let product = 1n
    for (let step = 0; step < count; step++) {
      this.#position = (this.#position * this.#position + this.#increment) % n
      product = (product * (this.#anchor - this.#position)) % n
    }
    const divisor = gcd(product < 0n ? -product : product, n)
    const found = divisor === n ? this.#firstDivisor(start, count) : divisor
    this.stepsToNextAnchor -= count
    if (this.stepsToNextAnchor === 0) {
      this.#anchor = this.#position
      this.#period *= 2
      this.stepsToNextAnchor = this.#period
    }
    return found
  }

  #firstDivisor(start: bigint, count: number): bigint {
    let position = start
    for (let step = 0; step < count; step++) {
      position = (position * position + this.#increment) % this.#n
      const difference = this.#anchor - position
      const divisor = gcd(difference < 0n ? -difference : difference, this.#n)
      if (divisor !== 1n) return divisor
    }
    return this.#n
  }
}
