import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFactorBase } from './factor-base.ts'
import { LeadingCoefficients } from './leading-coefficients.ts'
import { PolynomialSieve } from './polynomial-sieve.ts'
import { Polynomials } from './polynomials.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { relationFromCandidate } from './relation-from-candidate.ts'
import type { Relation } from './relations.ts'
import { neverStop } from './stop.ts'

test('each relation is a square on the left and the product of its factors on the right', () => {
  const n = (2n ** 61n - 1n) * (2n ** 31n - 1n)
  const base = createFactorBase(n, 150)
  const halfLength = 2 ** 13
  const logTarget = Math.log(Number(2n * n)) / 2 - Math.log(halfLength)
  const leadingCoefficients = new LeadingCoefficients({ base, logTarget, random: createRandomNumbers(110) })
  const polynomials = new Polynomials({ n, base, halfLength, leadingCoefficients })
  const sieve = new PolynomialSieve(base, 2 * halfLength, 30)
  const relations: Relation[] = []
  while (relations.length < 300 && polynomials.advance()) {
    for (const candidate of sieve.candidates(polynomials, neverStop)) {
      const relation = relationFromCandidate(candidate, polynomials, { n, base, halfLength, largePrimeLimit: 100_000 })
      if (relation !== undefined) relations.push(relation)
    }
  }
  assert.ok(relations.length >= 300)
  assert.ok(relations.some(({ largePrime }) => largePrime === 1) && relations.some(({ largePrime }) => largePrime > 1))
  for (const { x, factors, largePrime } of relations) {
    const right = factors.map((factor) => (factor === 0 ? -1n : BigInt(base.primes[factor - 1]!)))
    const product = right.reduce((value, factor) => value * factor, BigInt(largePrime))
    assert.equal((x * x - product) % n, 0n, `${x}^2 against ${product}`)
  }
})
