import { passesBailliePsw } from './baillie-psw.ts'
import { BasePrimes, MAX_BASE_PRIME } from './base-primes.ts'
import { type OddInterval, sieveOddNumbers } from './sieve.ts'
import type { Poll } from './stop.ts'

const LARGEST = 2n ** 64n - 1n

/** One call holds a byte for every second number: 64 MB. */
const MAX_LENGTH = 2 ** 27

/** Grows with use and is never wrong, so a thread needs one: what it holds changes the time of an answer, not the answer. */
const basePrimes = new BasePrimes()

/**
 * The last number of the first piece of from..to (both included, from <= to < 2^64) that is worth a task of its own: 5 to
 * 20 ms, but up to 65 ms from 3 * 10^14 to 10^15, where the sieving primes alone are that many.
 */
export function segmentEnd(from: bigint, to: bigint): bigint {
  const end = from + BigInt(segmentLength(Math.sqrt(Number(from)))) - 1n
  return end < to ? end : to
}

function segmentLength(root: number): number {
  if (root <= 2 ** 20) return 2 ** 21
  if (root <= MAX_BASE_PRIME) return 2 ** 22
  return 2 ** 15
}

/**
 * The primes of from..to, both included, ascending; proven. At most 2^27 numbers below 2^64, else a RangeError; `segmentEnd`
 * says how many pay. The sieve costs 0.1 us a prime at 10^12 and 0.4 at 10^15; beyond it, single tests cost about 13 us.
 */
export function primesInSegment(from: bigint, to: bigint, poll: Poll): BigUint64Array {
  if (from < 0n || to > LARGEST) throw new RangeError(`${from} to ${to} must lie within 0 to ${LARGEST}`)
  if (to - from >= MAX_LENGTH)
    throw new RangeError(`${from} to ${to} must be at most ${MAX_LENGTH} numbers; take segments`)
  const first = (from < 3n ? 3n : from) | 1n
  const interval = { first, count: Math.max(0, Math.floor(Number(to - first) / 2) + 1) }
  const composite = markComposites(interval, to, poll)
  return collectPrimes(interval, composite, { withTwo: from <= 2n && to >= 2n, poll })
}

/**
 * A prime costs 25 ns to sieve with, so sieving all the way to the root pays for intervals longer than about a 240th of it
 * (measured). Otherwise it stops where a further prime costs more than the tests it saves, and the rest are tested.
 */
function markComposites(interval: OddInterval, to: bigint, poll: Poll): Uint8Array {
  const length = 2 * interval.count
  const root = Math.ceil(Math.sqrt(Number(to)))
  const complete = root <= MAX_BASE_PRIME && root <= 240 * length
  const limit = complete ? root : Math.min(root, 8 * length, MAX_BASE_PRIME)
  const composite = sieveOddNumbers(interval, { primes: basePrimes.upTo(limit, poll), limit }, poll)
  if (limit < root) testSurvivors(interval, composite, poll)
  return composite
}

function testSurvivors(interval: OddInterval, composite: Uint8Array, poll: Poll): void {
  let untilPoll = 10
  for (let index = composite.indexOf(0); index >= 0; index = composite.indexOf(0, index + 1)) {
    if (!passesBailliePsw(interval.first + 2n * BigInt(index))) composite[index] = 1
    if (--untilPoll > 0) continue
    poll()
    untilPoll = 10
  }
}

function collectPrimes(
  { first, count }: OddInterval,
  composite: Uint8Array,
  { withTwo, poll }: { withTwo: boolean; poll: Poll },
): BigUint64Array {
  let total = withTwo ? 1 : 0
  for (let index = 0; index < count; index++) total += 1 - composite[index]!
  const primes = new BigUint64Array(total)
  let next = 0
  if (withTwo) primes[next++] = 2n
  for (let index = 0; index < count; index++) {
    if ((index & 0xffff) === 0) poll()
    if (composite[index] === 0) primes[next++] = first + BigInt(2 * index)
  }
  return primes
}
