import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPrime } from './is-prime.ts'
import { primesInSegment, segmentEnd } from './list-primes.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { primesBelow } from './small-primes.ts'
import { neverStop } from './stop.ts'

const LARGEST = 2n ** 64n - 1n

function countPrimes(from: bigint, to: bigint): number {
  let count = 0
  for (let start = from; start <= to; ) {
    const end = segmentEnd(start, to)
    count += primesInSegment(start, end, neverStop).length
    start = end + 1n
  }
  return count
}

test('short intervals near 0 hold exactly their primes', () => {
  const primes = [...primesBelow(300)].map(BigInt)
  for (let from = 0n; from < 200n; from++) {
    for (const to of [from, from + 1n, from + 2n, from + 17n, from + 90n]) {
      const expected = primes.filter((prime) => prime >= from && prime <= to)
      assert.deepEqual([...primesInSegment(from, to, neverStop)], expected, `${from} to ${to}`)
    }
  }
})

test('the counts of primes agree with the table of pi(x)', () => {
  assert.equal(countPrimes(0n, 1_000_000n), 78_498)
  assert.equal(countPrimes(0n, 10_000_000n), 664_579)
  assert.equal(countPrimes(1n, 100_000_000n), 5_761_455)
})

test('the primes from 10^12 to 10^12 + 10^6 are 36 249', () => {
  assert.equal(countPrimes(10n ** 12n, 10n ** 12n + 10n ** 6n), 36_249)
})

test('the last primes below 2^64 are found, and the end of the range is no obstacle', () => {
  const primes = primesInSegment(LARGEST - 100n, LARGEST, neverStop)
  assert.deepEqual([...primes], [2n ** 64n - 95n, 2n ** 64n - 83n, 2n ** 64n - 59n])
  assert.equal(primesInSegment(LARGEST, LARGEST, neverStop).length, 0)
  assert.equal(segmentEnd(LARGEST - 100n, LARGEST), LARGEST)
  assert.equal(segmentEnd(LARGEST, LARGEST), LARGEST)
})

test('a segment holds exactly the numbers that are prime by themselves, at every magnitude', () => {
  const seed = 30
  const random = createRandomNumbers(seed)
  for (let bits = 8; bits <= 64; bits++) {
    const from = random.ofBits(bits)
    const to = from + 3000n > LARGEST ? LARGEST : from + 3000n
    const expected: bigint[] = []
    for (let n = from; n <= to; n++) if (checkPrime(n).prime) expected.push(n)
    assert.deepEqual([...primesInSegment(from, to, neverStop)], expected, `${from} to ${to}, seed ${seed}`)
  }
})

test('a whole segment sieved with millions of primes agrees with single tests of a sample', () => {
  const from = 2n ** 49n
  const end = segmentEnd(from, LARGEST)
  const primes = new Set(primesInSegment(from, end, neverStop))
  const sample = Array.from({ length: 20_000 }, (_, index) => end - BigInt(index))
  assert.deepEqual(
    sample.filter((n) => primes.has(n)),
    sample.filter((n) => checkPrime(n).prime),
  )
})

test('squares of primes at the end of the sieving bound are left out', () => {
  for (const root of [8191n, 65521n, 1048573n, 33554393n, 4294967291n]) {
    assert.ok(!primesInSegment(root * root - 10n, root * root + 10n, neverStop).includes(root * root), `${root}^2`)
  }
  const square = 33554393n ** 2n
  assert.ok(!primesInSegment(square - 2n ** 19n, square + 2n ** 19n, neverStop).includes(square))
})

test('segments cover an interval without gap or overlap, whatever its length', () => {
  for (const from of [0n, 2n ** 40n, 2n ** 45n, 2n ** 63n]) {
    assert.equal(segmentEnd(from, from), from)
    assert.equal(segmentEnd(from, from + 10n), from + 10n)
    const end = segmentEnd(from, from + 2n ** 30n)
    assert.ok(end > from + 10_000n && end < from + 2n ** 23n, `${from} to ${end}`)
  }
})

test('bounds that cannot be met are refused with the values', () => {
  assert.throws(() => primesInSegment(0n, 2n ** 64n, neverStop), /0 to 18446744073709551616 must lie within/)
  assert.throws(() => primesInSegment(-1n, 5n, neverStop), /-1 to 5 must lie within/)
  assert.throws(() => primesInSegment(5n, 2n ** 40n, neverStop), /5 to 1099511627776 must be at most 134217728 numbers/)
})

test('whatever poll throws stops a sieve and a series of tests, and comes out unchanged', () => {
  const reason = new Error('stop now')
  for (const from of [2n ** 40n, 2n ** 63n]) {
    let polls = 0
    const stopAtThird = (): void => {
      if (++polls === 3) throw reason
    }
    assert.throws(
      () => primesInSegment(from, segmentEnd(from, LARGEST), stopAtThird),
      (error) => error === reason,
    )
    assert.equal(polls, 3)
  }
})
