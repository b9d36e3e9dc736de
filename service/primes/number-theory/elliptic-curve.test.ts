import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitByCurves } from './elliptic-curve.ts'
import { checkPrime } from './is-prime.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { neverStop } from './stop.ts'

test('a 12-digit divisor of an 80-digit number is found', () => {
  const seed = 100
  const random = createRandomNumbers(seed)
  const cofactor = 2n ** 226n - 5n
  for (let round = 0; round < 10; round++) {
    let p = random.ofBits(38) | 1n
    while (!checkPrime(p).prime) p += 2n
    const divisor = splitByCurves(p * cofactor, { bound: 2000, curves: 50, random }, neverStop)
    assert.ok(divisor !== undefined && divisor % p === 0n && divisor < p * cofactor, `${p} * ${cofactor}, seed ${seed}`)
  }
})

test('a divisor is found where the second stage begins beyond the first multiple of its step', () => {
  const p = 10n ** 14n + 31n
  const effort = { bound: 11_000, curves: 90, random: createRandomNumbers(2) }
  assert.equal(splitByCurves(p * (2n ** 127n - 1n), effort, neverStop), p)
})

test('curves end without a divisor where there is only a large one, and whatever poll throws ends them', () => {
  const n = (2n ** 107n - 1n) * (2n ** 127n - 1n)
  assert.equal(splitByCurves(n, { bound: 2000, curves: 2, random: createRandomNumbers(3) }, neverStop), undefined)
  const reason = new Error('stop now')
  let polls = 0
  const poll = (): void => {
    if (++polls === 400) throw reason
  }
  assert.throws(
    () => splitByCurves(n, { bound: 2000, curves: 2, random: createRandomNumbers(3) }, poll),
    (error) => error === reason,
  )
})
