import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jacobi, passesBailliePsw } from './baillie-psw.ts'
import { primesBelow } from './small-primes.ts'

test('every odd number from 5 to 300 000 passes exactly when it is prime, without any trial division before', () => {
  const primes = new Set(primesBelow(300_000))
  for (let n = 5; n < 300_000; n += 2) assert.equal(passesBailliePsw(BigInt(n)), primes.has(n), `${n}`)
})

test('the squares that pass the strong test to base 2 do not pass both', () => {
  assert.ok(!passesBailliePsw(1093n ** 2n))
  assert.ok(!passesBailliePsw(3511n ** 2n))
})

test('the Jacobi symbol is the product of the Legendre symbols', () => {
  const legendre = (a: bigint, p: bigint): number => {
    const power = a ** ((p - 1n) / 2n) % p
    return power === p - 1n ? -1 : Number(power)
  }
  for (const [p, q] of [
    [3n, 5n],
    [7n, 11n],
    [13n, 13n],
    [17n, 19n],
    [3n, 23n],
  ] as const) {
    for (let a = 0n; a < 2n * p * q; a++) {
      assert.equal(jacobi(a, p * q) + 0, legendre(a, p) * legendre(a, q) + 0, `(${a} / ${p * q})`)
    }
  }
})
