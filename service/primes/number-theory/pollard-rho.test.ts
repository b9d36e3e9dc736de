import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitByRho } from './pollard-rho.ts'
import { primesBelow } from './small-primes.ts'
import { neverStop } from './stop.ts'

test('every product of two odd primes below 400 is split, squares too', () => {
  const primes = Array.from(primesBelow(400).slice(1), BigInt)
  for (const p of primes) {
    for (const q of primes) {
      const divisor = splitByRho(p * q, Infinity, neverStop)
      assert.ok(divisor === p || divisor === q, `${p} * ${q}: ${divisor}`)
    }
  }
})

test('a divisor of 9 digits is found in a number of 60 digits', () => {
  const p = 999_999_937n
  assert.equal(splitByRho(p * (2n ** 170n + 1n), 2 ** 20, neverStop) !== undefined, true)
  assert.equal(splitByRho(p * (2n ** 127n - 1n), 2 ** 20, neverStop), p)
})

test('the search ends at its bound', () => {
  let polls = 0
  const divisor = splitByRho((2n ** 89n - 1n) * (2n ** 107n - 1n), 10_000, () => void polls++)
  assert.equal(divisor, undefined)
  assert.ok(polls >= 10_000 / 128 && polls < 200, `${polls} polls`)
})
