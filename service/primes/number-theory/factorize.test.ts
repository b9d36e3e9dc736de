import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorize } from './factorize.ts'
import { checkPrime } from './is-prime.ts'
import { createRandomNumbers, type RandomNumbers } from './random-numbers.ts'
import { neverStop } from './stop.ts'

function factorsOf(n: bigint): [bigint, number][] {
  return factorize(n, neverStop).map(({ prime, exponent }) => [prime, exponent])
}

function randomPrime(random: RandomNumbers, bits: number): bigint {
  for (;;) {
    const n = random.ofBits(bits) | 1n
    if (checkPrime(n).prime) return n
  }
}

test('1 has no factors, and a prime has itself', () => {
  assert.deepEqual(factorize(1n, neverStop), [])
  assert.deepEqual(factorize(2n, neverStop), [{ prime: 2n, exponent: 1, certainty: 'proven' }])
  const mersenne = 2n ** 127n - 1n
  assert.deepEqual(factorize(mersenne, neverStop), [{ prime: mersenne, exponent: 1, certainty: 'probable' }])
})

test('the factors of every number up to 20 000 multiply to it, are prime and ascend', () => {
  for (let n = 1n; n <= 20_000n; n++) {
    const factors = factorsOf(n)
    assert.equal(
      factors.reduce((product, [prime, exponent]) => product * prime ** BigInt(exponent), 1n),
      n,
    )
    assert.ok(
      factors.every(([prime], index) => checkPrime(prime).prime && (index === 0 || factors[index - 1]![0] < prime)),
    )
  }
})

test('Fermat numbers fall into their known factors', () => {
  assert.deepEqual(factorsOf(2n ** 32n + 1n), [
    [641n, 1],
    [6700417n, 1],
  ])
  assert.deepEqual(factorsOf(2n ** 64n + 1n), [
    [274177n, 1],
    [67280421310721n, 1],
  ])
  assert.deepEqual(factorize(340282366920938463463374607431768211457n, neverStop), [
    { prime: 59649589127497217n, exponent: 1, certainty: 'proven' },
    { prime: 5704689200685129054721n, exponent: 1, certainty: 'probable' },
  ])
})

test('powers are found, of small primes, of large primes and of products', () => {
  const p = 2n ** 31n - 1n
  const q = 2n ** 61n - 1n
  assert.deepEqual(factorsOf(2n ** 265n), [[2n, 265]])
  assert.deepEqual(factorsOf(4294967291n ** 2n), [[4294967291n, 2]])
  assert.deepEqual(factorsOf(q ** 4n), [[q, 4]])
  assert.deepEqual(factorsOf(p ** 8n), [[p, 8]])
  assert.deepEqual(factorsOf((p * q) ** 2n), [
    [p, 2],
    [q, 2],
  ])
  assert.deepEqual(factorsOf(12n * p ** 3n * q ** 2n), [
    [2n, 2],
    [3n, 1],
    [p, 3],
    [q, 2],
  ])
})

test('Carmichael numbers and strong pseudoprimes are split', () => {
  assert.deepEqual(factorsOf(561n), [
    [3n, 1],
    [11n, 1],
    [17n, 1],
  ])
  assert.deepEqual(factorsOf(3825123056546413051n), [
    [149491n, 1],
    [747451n, 1],
    [34233211n, 1],
  ])
  assert.deepEqual(factorsOf(3317044064679887385961981n), [
    [1287836182261n, 1],
    [2575672364521n, 1],
  ])
})

test('products of two random primes of every size from 5 to 20 digits are split', () => {
  const seed = 40
  const random = createRandomNumbers(seed)
  for (let bits = 16; bits <= 66; bits++) {
    for (const otherBits of [16, bits]) {
      const p = randomPrime(random, bits)
      const q = randomPrime(random, otherBits)
      const expected =
        p === q
          ? [[p, 2]]
          : p < q
            ? [
                [p, 1],
                [q, 1],
              ]
            : [
                [q, 1],
                [p, 1],
              ]
      assert.deepEqual(factorsOf(p * q), expected, `${p} * ${q}, seed ${seed}`)
    }
  }
})

test('a 15-digit prime times a 25-digit prime is split', () => {
  const p = 10n ** 14n + 31n
  const q = 10n ** 24n + 7n
  assert.ok(checkPrime(p).prime && checkPrime(q).prime)
  assert.deepEqual(factorsOf(p * q), [
    [p, 1],
    [q, 1],
  ])
})

test('a product of three 15-digit primes is split', () => {
  const seed = 41
  const random = createRandomNumbers(seed)
  const primes = [47, 48, 49].map((bits) => randomPrime(random, bits))
  const expected = primes.map((prime) => [prime, 1])
  assert.deepEqual(factorsOf(primes.reduce((product, prime) => product * prime)), expected, `seed ${seed}`)
})

test('a 50-digit product of two 25-digit primes is split', () => {
  const seed = 42
  const random = createRandomNumbers(seed)
  const [p, q] = [randomPrime(random, 82), randomPrime(random, 83)]
  assert.deepEqual(
    factorsOf(p * q),
    [
      [p, 1],
      [q, 1],
    ],
    `seed ${seed}`,
  )
})

test('an 80-digit number with divisors of 12 digits is factorized', () => {
  const seed = 43
  const random = createRandomNumbers(seed)
  const primes = [40, 41, 185].map((bits) => randomPrime(random, bits))
  const n = primes.reduce((product, prime) => product * prime)
  assert.equal(n.toString().length, 80)
  assert.deepEqual(
    factorsOf(n),
    primes.map((prime) => [prime, 1]),
    `seed ${seed}`,
  )
})

test('whatever poll throws ends a hard factorization, and comes out unchanged', () => {
  const reason = new Error('stop now')
  const hard = (2n ** 127n - 1n) * (2n ** 107n - 1n)
  for (const stopAt of [1, 2, 50, 500]) {
    let polls = 0
    const poll = (): void => {
      if (++polls === stopAt) throw reason
    }
    assert.throws(
      () => factorize(hard, poll),
      (error) => error === reason,
    )
    assert.equal(polls, stopAt)
  }
})

test('0, negative numbers and more than 80 digits are refused with the bound', () => {
  assert.throws(() => factorize(0n, neverStop), { name: 'RangeError', message: '0 must be at least 1' })
  assert.throws(() => factorize(-5n, neverStop), { name: 'RangeError', message: '-5 must be at least 1' })
  assert.throws(() => factorize(10n ** 80n, neverStop), /a number of 81 digits must have at most 80/)
  assert.equal(factorsOf(10n ** 79n).length, 2)
})
