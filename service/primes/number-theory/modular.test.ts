import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  gcd,
  integerRoot,
  inverseModulo,
  inverseModuloPrime,
  isSquareModuloPrime,
  powerModulo,
  rootModuloPrime,
} from './modular.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { primesBelow } from './small-primes.ts'

test('a root modulo a prime squares back, for every square modulo every odd prime below 400', () => {
  for (const prime of primesBelow(400).slice(1)) {
    for (let value = 0; value < prime; value++) {
      const square = (value * value) % prime
      const root = rootModuloPrime(square, prime)
      assert.equal((root * root) % prime, square, `root of ${square} modulo ${prime}`)
    }
  }
})

test('half of the residues of a prime are squares', () => {
  for (const prime of [3, 5, 65537, 1048573]) {
    const squares = new Set<number>()
    for (let value = 1; value < Math.min(prime, 2000); value++) squares.add((value * value) % prime)
    for (const square of squares) assert.ok(isSquareModuloPrime(square, prime), `${square} modulo ${prime}`)
  }
  assert.equal([...Array(65536).keys()].filter((value) => value > 0 && isSquareModuloPrime(value, 65537)).length, 32767)
})

test('inverses multiply to 1', () => {
  const seed = 50
  const random = createRandomNumbers(seed)
  const primes = primesBelow(2 ** 20).slice(1)
  for (let round = 0; round < 5000; round++) {
    const prime = primes[Number(random.below(BigInt(primes.length)))]!
    const value = 1 + Number(random.below(BigInt(prime - 1)))
    assert.equal((value * inverseModuloPrime(value, prime)) % prime, 1, `${value} modulo ${prime}, seed ${seed}`)
    const modulus = random.ofBits(100)
    const large = random.below(modulus)
    const expected = gcd(large, modulus) === 1n ? 1n : 0n
    assert.equal(
      (large * inverseModulo(large, modulus)) % modulus,
      expected,
      `${large} modulo ${modulus}, seed ${seed}`,
    )
  }
})

test('powers follow Fermat, up to the largest modulus', () => {
  for (const prime of [3, 65537, 2 ** 26 - 5]) {
    assert.equal(powerModulo(2, prime - 1, prime), 1)
    assert.equal(powerModulo(prime - 1, 3, prime), prime - 1)
  }
})

test('an integer root is the largest whole number whose power fits', () => {
  const seed = 51
  const random = createRandomNumbers(seed)
  for (let round = 0; round < 5000; round++) {
    const degree = 2 + (round % 20)
    const value = random.ofBits(1 + (round % 260))
    const root = integerRoot(value, degree)
    assert.ok(
      root ** BigInt(degree) <= value && value < (root + 1n) ** BigInt(degree),
      `${value}, ${degree}, seed ${seed}`,
    )
    assert.equal(integerRoot((root + 1n) ** BigInt(degree) - 1n, degree), root)
  }
  assert.equal(integerRoot(0n, 3), 0n)
})
