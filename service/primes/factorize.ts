import { invalidArgument } from '../../chassis/errors.ts'
import type { UnaryHandler } from '../../chassis/workload.ts'
import type { FactorizeRequest, FactorizeResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { toCertainty } from './certainty.ts'
import { estimateFactorizeMs } from './number-theory/estimates.ts'
import type { PrimePower } from './number-theory/factorize.ts'
import { factorizeBound, parseNumber } from './parse-number.ts'

/** Factorize: always by a worker, for nobody knows beforehand how long a number resists. */
export const factorize: UnaryHandler<FactorizeRequest, FactorizeResponse> = async (request, call) => {
  const number = parseNumber('number', request.number, factorizeBound)
  if (number === 0n) throw invalidArgument('number', '0 has no factorization; the smallest number allowed is 1')
  const expectedMs = estimateFactorizeMs(number.toString(2).length)
  const powers = await call.run<PrimePower[]>('factorize', number, { expectedMs })
  return {
    factors: powers.map(({ prime, exponent, certainty }) => ({
      prime: String(prime),
      exponent,
      certainty: toCertainty(certainty),
    })),
  }
}
