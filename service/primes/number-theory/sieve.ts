import type { Poll } from './stop.ts'

/** The primes that `sieveOddNumbers` crosses out from a prepared pattern, because their multiples are the most. */
const PATTERN_PRIMES = [3, 5, 7, 11, 13]
const PATTERN_PERIOD = 3 * 5 * 7 * 11 * 13
/** Several periods, so that a segment is filled with few copies: 60 KB. */
const PATTERN = makePattern(4)

/** Steps of sieving between two polls: 50 to 100 us. */
const STEPS_PER_POLL = 40_000

/** An interval of odd numbers: `first`, first + 2, ... , first + 2 * (count - 1), all below 2^64. */
export interface OddInterval {
  readonly first: bigint
  readonly count: number
}

/** With which primes to sieve: those of an ascending list that holds all odd primes up to `limit`, below 2^26. */
export interface SievePrimes {
  readonly primes: Uint32Array
  readonly limit: number
}

/**
 * Marks with 1 each odd number of the interval, at `(number - first) / 2`, that has a prime factor up to the limit other
 * than itself (segmented sieve of Eratosthenes); 13 counts as within the limit. `first` must be at least 3.
 */
export function sieveOddNumbers(interval: OddInterval, { primes, limit }: SievePrimes, poll: Poll): Uint8Array {
  const { first, count } = interval
  const composite = new Uint8Array(count)
  fillFromPattern(composite, first)
  const high = Number(first >> 26n)
  const low = Number(first & 0x3ff_ffffn)
  const firstNumber = Number(first)
  const root = Math.sqrt(firstNumber)
  let steps = 0
  for (const prime of primes) {
    if (prime > limit) break
    if (prime <= 13) continue
    // The rounded quotient of two exact numbers below 2^53 has the right integer part.
    let remainder = high - Math.floor(high / prime) * prime
    remainder = remainder * 0x400_0000 + low
    remainder = (remainder - Math.floor(remainder / prime) * prime) | 0
    let distance = remainder === 0 ? 0 : prime - remainder
    if ((distance & 1) === 1) distance += prime
    let index = distance >> 1
    if (prime > root) index = (prime * prime - firstNumber) / 2
    for (; index < count; index += prime) composite[index] = 1
    steps += 8 + count / prime
    if (steps > STEPS_PER_POLL) {
      poll()
      steps = 0
    }
  }
  return composite
}

function makePattern(periods: number): Uint8Array {
  const pattern = new Uint8Array(PATTERN_PERIOD * periods)
  for (const prime of PATTERN_PRIMES) {
    for (let index = (prime - 1) / 2; index < pattern.length; index += prime) pattern[index] = 1
  }
  return pattern
}

function fillFromPattern(composite: Uint8Array, first: bigint): void {
  let phase = Number(((first - 1n) / 2n) % BigInt(PATTERN_PERIOD))
  for (let start = 0; start < composite.length; ) {
    const piece = PATTERN.subarray(phase, phase + composite.length - start)
    composite.set(piece, start)
    start += piece.length
    phase = 0
  }
  for (const prime of PATTERN_PRIMES) {
    const index = (prime - Number(first)) / 2
    if (index >= 0 && index < composite.length) composite[index] = 0
  }
}
