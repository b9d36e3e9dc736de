import assert from 'node:assert/strict'
import { test } from 'node:test'
import { primesBelow, smallDivisor } from './small-primes.ts'

test('primesBelow lists the primes below its limit, the limit left out', () => {
  assert.deepEqual([...primesBelow(30)], [2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
  assert.deepEqual([...primesBelow(29)], [2, 3, 5, 7, 11, 13, 17, 19, 23])
  for (const limit of [0, 1, 2]) assert.equal(primesBelow(limit).length, 0)
  assert.deepEqual([...primesBelow(3)], [2])
})

test('primesBelow agrees with the table of pi(x)', () => {
  for (const [limit, count] of [
    [10, 4],
    [100, 25],
    [1000, 168],
    [10_000, 1229],
    [1_000_000, 78_498],
  ] as const) {
    assert.equal(primesBelow(limit).length, count, `pi(${limit})`)
  }
})

test('smallDivisor finds the smallest prime that divides, up to its bound', () => {
  assert.equal(smallDivisor(2n, 1), 2)
  assert.equal(smallDivisor(1999n, 200), 1999)
  assert.equal(smallDivisor(1993n * 1999n, 200), 1993)
  assert.equal(smallDivisor(2003n * 2011n, 200), 0)
  assert.equal(smallDivisor(97n ** 300n, 200), 97)
  assert.equal(smallDivisor(1999n, 1), 0)
})
