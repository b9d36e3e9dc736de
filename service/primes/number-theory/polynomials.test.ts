import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseMultiplier, createFactorBase } from './factor-base.ts'
import { LeadingCoefficients } from './leading-coefficients.ts'
import { NO_ROOT, Polynomials } from './polynomials.ts'
import { createRandomNumbers } from './random-numbers.ts'

const N = (2n ** 61n - 1n) * (2n ** 64n + 13n)

function polynomialsOf(n: bigint, size: number, halfLength: number): { polynomials: Polynomials; primes: Int32Array } {
  const base = createFactorBase(n, size)
  const logTarget = Math.log(Number(2n * n)) / 2 - Math.log(halfLength)
  const leadingCoefficients = new LeadingCoefficients({ base, logTarget, random: createRandomNumbers(70) })
  return { polynomials: new Polynomials({ n, base, halfLength, leadingCoefficients }), primes: base.primes }
}

test('the number is a square modulo every prime of the factor base', () => {
  const n = N * chooseMultiplier(N)
  const { primes, roots } = createFactorBase(n, 400)
  assert.equal(new Set(primes).size, 400)
  for (const [index, prime] of primes.entries()) {
    assert.equal(BigInt(roots[index]!) ** 2n % BigInt(prime), n % BigInt(prime), `modulo ${prime}`)
  }
})

test('each polynomial is a b with b^2 = n modulo a, and vanishes at its roots modulo every prime', () => {
  const n = N * chooseMultiplier(N)
  const halfLength = 30_001
  const { polynomials, primes } = polynomialsOf(n, 300, halfLength)
  const seen = new Set<string>()
  for (let round = 0; round < 100; round++) {
    assert.ok(polynomials.advance())
    const { a, b, c, firstRoots, secondRoots, divisors } = polynomials
    assert.equal(b * b - a * c, n)
    seen.add(`${a},${b < 0n ? -b : b}`)
    for (const [index, prime] of primes.entries()) {
      const skipped = index === 0 || divisors.includes(index)
      assert.equal(firstRoots[index] === NO_ROOT, skipped)
      for (const root of skipped ? [] : [firstRoots[index]!, secondRoots[index]!]) {
        const x = BigInt(root - halfLength)
        assert.ok(root >= 0 && root < prime, `root ${root} modulo ${prime}`)
        assert.equal(((a * x + 2n * b) * x + c) % BigInt(prime), 0n, `x ${x} modulo ${prime}`)
      }
    }
  }
  assert.equal(seen.size, 100)
})

test('polynomials of a small number run out instead of repeating', () => {
  const { polynomials } = polynomialsOf(1000003n * 1000033n, 30, 2 ** 10)
  const seen = new Set<string>()
  let count = 0
  for (; count < 100_000 && polynomials.advance(); count++) seen.add(`${polynomials.a},${polynomials.b}`)
  assert.ok(count > 0 && count < 100_000)
  assert.equal(seen.size, count)
})
