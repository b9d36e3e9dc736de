import { chooseMultiplier, createFactorBase } from './factor-base.ts'
import { LeadingCoefficients } from './leading-coefficients.ts'
import { PolynomialSieve } from './polynomial-sieve.ts'
import { Polynomials } from './polynomials.ts'
import { parametersFor } from './quadratic-sieve-parameters.ts'
import { createRandomNumbers } from './random-numbers.ts'
import { relationFromCandidate } from './relation-from-candidate.ts'
import { Relations } from './relations.ts'
import type { Poll } from './stop.ts'

/**
 * How much of a candidate may be left unexplained, in logarithms of the largest large prime. More than 1, because of the
 * small primes that are not sieved with; at 1.5 a quarter less time than at 1.1, though half of the candidates are in vain.
 */
const TOLERANCE = 1.5

/**
 * A divisor of n other than 1 and n, by the self-initialising quadratic sieve with one large prime (C. Pomerance 1982,
 * S. Contini 1997). n must be odd, composite, no perfect power, without divisors below 2000 and above 2^50. Undefined in
 * the rare case that its polynomials run out, below 90 bits. Time hardly depends on the divisors: 0.05 s at 40 digits,
 * then three times as much for each five digits more.
 */
export function splitByQuadraticSieve(n: bigint, poll: Poll): bigint | undefined {
  const { factorBaseSize, sieveLength, largePrimeFactor } = parametersFor(n.toString(2).length)
  const multiplied = n * chooseMultiplier(n)
  const base = createFactorBase(multiplied, factorBaseSize)
  const halfLength = sieveLength / 2
  const largestPrime = base.primes[base.primes.length - 1]!
  const largePrimeLimit = largestPrime * largePrimeFactor
  const logTarget = Math.log(Number(2n * multiplied)) / 2 - Math.log(halfLength)
  const random = createRandomNumbers(1)
  const leadingCoefficients = new LeadingCoefficients({ base, logTarget, random })
  const polynomials = new Polynomials({ n: multiplied, base, halfLength, leadingCoefficients })
  const valueBits = Math.log2(halfLength) + Math.log2(Number(multiplied / 2n)) / 2
  const sieve = new PolynomialSieve(base, sieveLength, valueBits - TOLERANCE * Math.log2(largePrimeLimit))
  const relations = new Relations(n, base)
  const setting = { n, base, halfLength, largePrimeLimit }
  while (polynomials.advance()) {
    for (const candidate of sieve.candidates(polynomials, poll)) {
      poll()
      const relation = relationFromCandidate(candidate, polynomials, setting)
      const divisor = relation && relations.add(relation)
      if (divisor !== undefined) return divisor
    }
  }
  return undefined
}
