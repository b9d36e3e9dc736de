import { isSquareModuloPrime, rootModuloPrime } from './modular.ts'
import { primesBelow } from './small-primes.ts'

/** The primes modulo which the number times its multiplier is a square: 2 first, then ascending. */
export interface FactorBase {
  readonly primes: Int32Array
  /** A root of the number modulo each prime, 0 where the prime divides the multiplier. */
  readonly roots: Int32Array
  /** The logarithm of each prime to base 2, rounded. */
  readonly logarithms: Uint8Array
}

/** The factor base of `size` primes for an odd `n`, already multiplied. */
export function createFactorBase(n: bigint, size: number): FactorBase {
  const primes = new Int32Array(size)
  const roots = new Int32Array(size)
  primes[0] = 2
  roots[0] = 1
  let count = 1
  // About every second prime fits; the k-th prime lies below 2 k (ln k + 2) for the sizes in use.
  for (let limit = 40 + 4 * size * (Math.log(size) + 2); count < size; limit *= 2) {
    for (const prime of primesBelow(Math.ceil(limit))) {
      if (prime <= primes[count - 1]! || count === size) continue
      const residue = Number(n % BigInt(prime))
      if (residue !== 0 && !isSquareModuloPrime(residue, prime)) continue
      roots[count] = rootModuloPrime(residue, prime)
      primes[count++] = prime
    }
  }
  return { primes, roots, logarithms: Uint8Array.from(primes, (prime) => Math.round(Math.log2(prime))) }
}

/** Square-free multipliers worth trying. */
const MULTIPLIERS = [
  1, 2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21, 23, 29, 31, 33, 35, 37, 39, 41, 43, 47, 53, 59, 61, 67, 71, 73,
]

/** For the score of a multiplier; more primes change it little. */
const SCORE_PRIMES = primesBelow(1000).slice(1)

/**
 * The odd multiplier whose product with n promises the values richest in small primes (D. Knuth and R. Schroeppel; see
 * R. Silverman, The Multiple Polynomial Quadratic Sieve, 1987, section 5).
 */
export function chooseMultiplier(n: bigint): bigint {
  const odd = MULTIPLIERS.filter((multiplier) => multiplier % 2 === 1)
  const scores = odd.map((multiplier) => scoreMultiplier(n, multiplier))
  return BigInt(odd[scores.indexOf(Math.max(...scores))]!)
}

function scoreMultiplier(n: bigint, multiplier: number): number {
  const multiplied = n * BigInt(multiplier)
  const residue8 = Number(multiplied % 8n)
  const twos = residue8 === 1 ? 2 : residue8 === 5 ? 1 : 0.5
  let score = twos * Math.LN2 - Math.log(multiplier) / 2
  for (const prime of SCORE_PRIMES) {
    const residue = Number(multiplied % BigInt(prime))
    if (residue === 0) score += Math.log(prime) / prime
    else if (isSquareModuloPrime(residue, prime)) score += (2 * Math.log(prime)) / (prime - 1)
  }
  return score
}
