import { splitByCurves } from './elliptic-curve.ts'
import { type Certainty, checkPrime } from './is-prime.ts'
import { perfectPower } from './perfect-power.ts'
import { splitByRho } from './pollard-rho.ts'
import { splitByQuadraticSieve } from './quadratic-sieve.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { smallDivisor } from './small-primes.ts'
import type { Poll } from './stop.ts'

/** One prime divisor and how often it divides. */
export interface PrimePower {
  readonly prime: bigint
  readonly exponent: number
  readonly certainty: Certainty
}

/** The most decimal digits that are accepted. Hard numbers of 60 digits take 5 s, of 80 digits 10 minutes and more. */
export const MAX_FACTORIZE_DIGITS = 80

/** No prime below it is left after the small ones are divided out. */
const SMALL_PRIME_LIMIT = 2000

/** Below it rho alone is at least as fast, about 2 ms; above it the sieve, which takes 2 ms up to 70 bits. */
const SIEVE_FROM = 2n ** 52n

/**
 * Before the sieve, curves for divisors of 15, 20 and 25 digits (0.4, 6 and 75 s), each from the size on where the sieve
 * takes two to four times as long. Without them a 20-digit divisor of an 80-digit number is out of reach.
 */
const CURVE_EFFORTS = [
  { fromBits: 182, bound: 2000, curves: 25 },
  { fromBits: 222, bound: 11_000, curves: 90 },
  { fromBits: 250, bound: 50_000, curves: 250 },
]

/**
 * The prime powers whose product is n, ascending by prime; none for 1. Each prime has passed `checkPrime` and the product is
 * checked. Below 2^64 a few ms, 40 digits 0.05 s, 60 digits up to 5 s; whatever `poll` throws ends it. Throws a RangeError
 * for n below 1 or of more than 80 digits.
 */
export function factorize(n: bigint, poll: Poll): PrimePower[] {
  if (n < 1n) throw new RangeError(`${n} must be at least 1`)
  if (n >= 10n ** BigInt(MAX_FACTORIZE_DIGITS)) {
    throw new RangeError(`a number of ${n.toString().length} digits must have at most ${MAX_FACTORIZE_DIGITS}`)
  }
  const found = new Map<bigint, PrimePower>()
  const rest = divideOutSmallPrimes(n, found)
  factorizeInto(found, { n: rest, times: 1 }, poll)
  const factors = [...found.values()].toSorted((x, y) => (x.prime < y.prime ? -1 : 1))
  const product = factors.reduce((value, { prime, exponent }) => value * prime ** BigInt(exponent), 1n)
  if (product !== n) throw new Error(`the factors of ${n} multiply to ${product}: a fault of the factorization`)
  return factors
}

function divideOutSmallPrimes(n: bigint, found: Map<bigint, PrimePower>): bigint {
  let rest = n
  while (rest > 1n) {
    const divisor = smallDivisor(rest, Infinity)
    if (divisor === 0) break
    record(found, { n: BigInt(divisor), times: 1 }, 'proven')
    rest /= BigInt(divisor)
  }
  return rest
}

/** A number without small primes, and how often it divides the number asked for. */
interface Part {
  readonly n: bigint
  readonly times: number
}

function factorizeInto(found: Map<bigint, PrimePower>, { n, times }: Part, poll: Poll): void {
  if (n === 1n) return
  poll()
  const { prime, certainty } = checkPrime(n)
  if (prime) {
    record(found, { n, times }, certainty)
    return
  }
  const power = perfectPower(n, SMALL_PRIME_LIMIT)
  if (power !== undefined) {
    factorizeInto(found, { n: power.root, times: times * power.exponent }, poll)
    return
  }
  const divisor = split(n, poll)
  factorizeInto(found, { n: divisor, times }, poll)
  factorizeInto(found, { n: n / divisor, times }, poll)
}

function record(found: Map<bigint, PrimePower>, { n, times }: Part, certainty: Certainty): void {
  found.set(n, { prime: n, exponent: (found.get(n)?.exponent ?? 0) + times, certainty })
}

/** A divisor other than 1 and n of a composite that is no perfect power. */
function split(n: bigint, poll: Poll): bigint {
  const bits = n.toString(2).length
  // A tenth of what the sieve takes: finds divisors of up to 7 digits at 40 digits.
  const rhoSteps = n < SIEVE_FROM ? Infinity : 2 ** (bits / 16 + 4)
  const divisor =
    splitByRho(n, rhoSteps, poll) ??
    splitByAllCurves(n, bits, poll) ??
    splitByQuadraticSieve(n, poll) ??
    splitByRho(n, Infinity, poll)
  if (divisor === undefined) throw new Error(`${n} has no divisor: a fault of the factorization`)
  return divisor
}

function splitByAllCurves(n: bigint, bits: number, poll: Poll): bigint | undefined {
  const random = createRandomNumbers(1)
  for (const { fromBits, bound, curves } of CURVE_EFFORTS) {
    if (bits < fromBits) return undefined
    const divisor = splitByCurves(n, { bound, curves, random }, poll)
    if (divisor !== undefined) return divisor
  }
  return undefined
}
