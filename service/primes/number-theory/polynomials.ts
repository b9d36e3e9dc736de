import type { FactorBase } from './factor-base.ts'
import type { LeadingCoefficients } from './leading-coefficients.ts'
import { inverseModuloPrime } from './modular.ts'

/** Where a number and its factor base are sieved. */
export interface PolynomialSetting {
  /** The number times its multiplier. */
  readonly n: bigint
  readonly base: FactorBase
  /** x runs from -halfLength to halfLength - 1. */
  readonly halfLength: number
  readonly leadingCoefficients: LeadingCoefficients
}

/** Marks in `firstRoots` a prime that is not sieved with: one that divides a, or 2. */
export const NO_ROOT = -1

/**
 * The polynomials (a x + b)^2 - n = a (a x^2 + 2 b x + c), one after the other, each with its roots modulo every prime of
 * the base. One a, a product of primes of the base, serves 2^(k-1) values of b in Gray code order, where a switch costs one
 * addition for each root (S. Contini, Factoring Integers with the Self-Initializing Quadratic Sieve, 1997).
 */
export class Polynomials {
  a = 1n
  b = 0n
  c = 0n
  /** Indices in the base of the primes that divide a. */
  divisors: number[] = []
  /** For each prime p the two zeros of the polynomial modulo p, as x + halfLength modulo p. */
  readonly firstRoots: Int32Array
  readonly secondRoots: Int32Array
  readonly #setting: PolynomialSetting
  /** The b of this a are all sums of these with either sign. */
  #parts: bigint[] = []
  /** For each part and prime: 2 * part / a modulo the prime. */
  #steps: Int32Array[] = []
  /** Which b of this a is next; the family is used up at 2^(parts - 1). */
  #index = 0

  constructor(setting: PolynomialSetting) {
    this.#setting = setting
    this.firstRoots = new Int32Array(setting.base.primes.length)
    this.secondRoots = new Int32Array(setting.base.primes.length)
  }

  /** Goes on to the next polynomial, of the same a or of a new one. False where no new a is left. */
  advance(): boolean {
    if (this.#index > 0 && this.#index < 2 ** (this.#parts.length - 1)) {
      this.#switchSign()
    } else {
      const divisors = this.#setting.leadingCoefficients.next()
      if (divisors === undefined) return false
      this.#startFamily(divisors)
    }
    this.#index++
    this.c = (this.b * this.b - this.#setting.n) / this.a
    return true
  }

  #startFamily(divisors: number[]): void {
    const { base } = this.#setting
    this.divisors = divisors
    const primes = this.divisors.map((index) => base.primes[index]!)
    this.a = primes.reduce((product, prime) => product * BigInt(prime), 1n)
    this.#parts = this.divisors.map((index) => this.#partFor(base.primes[index]!, base.roots[index]!))
    this.b = this.#parts.reduce((sum, part) => sum + part)
    while (this.#steps.length < this.#parts.length) this.#steps.push(new Int32Array(base.primes.length))
    this.#findRoots(primes)
    this.#index = 0
  }

  /** The multiple of a / prime whose square is n modulo the prime. */
  #partFor(prime: number, root: number): bigint {
    const cofactor = this.a / BigInt(prime)
    const residue = (root * inverseModuloPrime(Number(cofactor % BigInt(prime)), prime)) % prime
    return cofactor * BigInt(Math.min(residue, prime - residue))
  }

  #findRoots(divisorPrimes: readonly number[]): void {
    const { base, halfLength } = this.#setting
    const parts = this.#parts.map(limbsOf)
    const sum = limbsOf(this.b)
    for (let index = 1; index < base.primes.length; index++) {
      const prime = base.primes[index]!
      let a = 1
      for (const divisor of divisorPrimes) a = modulo(a * divisor, prime)
      if (a === 0) continue
      const inverse = inverseModuloPrime(a, prime)
      for (let part = 0; part < parts.length; part++) {
        this.#steps[part]![index] = modulo(2 * inverse * remainder(parts[part]!, prime), prime)
      }
      const root = base.roots[index]!
      const b = remainder(sum, prime)
      const shift = halfLength % prime
      this.firstRoots[index] = modulo(inverse * (prime + root - b) + shift, prime)
      this.secondRoots[index] = modulo(inverse * (2 * prime - root - b) + shift, prime)
    }
    for (const index of [0, ...this.divisors]) this.firstRoots[index] = this.secondRoots[index] = NO_ROOT
  }

  /** The next b in Gray code order: the sign of one part changes, so all roots move by the same step. */
  #switchSign(): void {
    const part = 31 - Math.clz32(this.#index & -this.#index)
    const subtract = ((this.#index >>> (part + 1)) & 1) === 0
    this.b += subtract ? -2n * this.#parts[part]! : 2n * this.#parts[part]!
    const { primes } = this.#setting.base
    const steps = this.#steps[part]!
    const { firstRoots, secondRoots } = this
    for (let index = 1; index < primes.length; index++) {
      const first = firstRoots[index]!
      if (first === NO_ROOT) continue
      const prime = primes[index]!
      // A smaller b moves the zeros up.
      const step = subtract ? steps[index]! : prime - steps[index]!
      const movedFirst = first + step - prime
      const movedSecond = secondRoots[index]! + step - prime
      firstRoots[index] = movedFirst < 0 ? movedFirst + prime : movedFirst
      secondRoots[index] = movedSecond < 0 ? movedSecond + prime : movedSecond
    }
  }
}

/** For whole numbers below 2^53; several times faster than % where they exceed 2^31. */
function modulo(value: number, modulus: number): number {
  return value - Math.floor(value / modulus) * modulus
}

/** The digits of a number to base 2^24, most significant first: remainders of them need no BigInt. */
function limbsOf(value: bigint): number[] {
  const limbs: number[] = []
  for (let rest = value; rest > 0n; rest >>= 24n) limbs.push(Number(rest & 0xff_ffffn))
  return limbs.toReversed()
}

/** The number with these digits modulo a prime below 2^29. */
function remainder(limbs: readonly number[], prime: number): number {
  let result = 0
  for (const limb of limbs) result = modulo(result * 0x100_0000 + limb, prime)
  return result
}
