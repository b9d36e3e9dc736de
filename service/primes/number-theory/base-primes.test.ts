import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BasePrimes, MAX_BASE_PRIME } from './base-primes.ts'
import { primesBelow } from './small-primes.ts'
import { neverStop } from './stop.ts'

test('the list holds all odd primes up to whatever bound is asked for, however it has grown', () => {
  const expected = primesBelow(5_000_000).slice(1)
  const base = new BasePrimes()
  for (const limit of [2, 8192, 8193, 100_000, 3_000_000, 4_999_999, 17]) {
    const primes = base.upTo(limit, neverStop)
    const count = expected.filter((prime) => prime <= limit).length
    assert.deepEqual(primes.slice(0, count), expected.slice(0, count), `up to ${limit}`)
  }
})

test('growth that is stopped goes on where it was, and the list stays right', () => {
  const base = new BasePrimes()
  const reason = new Error('stop now')
  let polls = 0
  const stopAtTwentieth = (): void => {
    if (++polls === 20) throw reason
  }
  assert.throws(
    () => base.upTo(20_000_000, stopAtTwentieth),
    (error) => error === reason,
  )
  const expected = primesBelow(20_000_000).slice(1)
  assert.deepEqual(base.upTo(20_000_000, neverStop).slice(0, expected.length), expected)
})

test('the list reaches its largest bound and no further', () => {
  const base = new BasePrimes()
  // pi(2^25) is 2 063 689; 2 is left out.
  assert.equal(base.upTo(MAX_BASE_PRIME, neverStop).length, 2_063_688)
  assert.throws(() => base.upTo(MAX_BASE_PRIME + 1, neverStop), /33554433 must be at most 33554432/)
})
