import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPrime } from './is-prime.ts'
import { splitByQuadraticSieve } from './quadratic-sieve.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { neverStop } from './stop.ts'

test('products of two primes of 26 to 60 bits are split by the sieve alone', () => {
  const seed = 80
  const random = createRandomNumbers(seed)
  const primes: bigint[] = []
  while (primes.length < 140) {
    const n = random.ofBits(26 + Math.floor(primes.length / 4)) | 1n
    if (checkPrime(n).prime) primes.push(n)
  }
  for (let index = 0; index + 1 < primes.length; index += 2) {
    const [p, q] = [primes[index]!, primes[index + 1]!]
    const divisor = splitByQuadraticSieve(p * q, neverStop)
    assert.ok(divisor === p || divisor === q, `${p} * ${q}: ${divisor}, seed ${seed}`)
  }
})

test('the same number takes the same way every time', () => {
  const n = (10n ** 14n + 31n) * (10n ** 24n + 7n)
  const polls = [0, 1].map(() => {
    let count = 0
    splitByQuadraticSieve(n, () => void count++)
    return count
  })
  assert.equal(polls[0], polls[1])
})
