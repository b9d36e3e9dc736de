import type { CallContext, UnaryHandler } from '../../chassis/workload.ts'
import type { CheckPrimeRequest, CheckPrimeResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { toCertainty } from './certainty.ts'
import { estimateCheckMs } from './number-theory/estimates.ts'
import { type PrimeCheck, quickCheckPrime } from './number-theory/is-prime.ts'
import { checkBound, parseNumber } from './parse-number.ts'

/** CheckPrime: answered here where that takes microseconds, by a worker otherwise. */
export const checkPrime: UnaryHandler<CheckPrimeRequest, CheckPrimeResponse> = (request, call) =>
  decide(request.number, call)

/** Decides one number. Throws INVALID_ARGUMENT for what is not one. */
export function decide(text: string, call: CallContext): CheckPrimeResponse | Promise<CheckPrimeResponse> {
  const number = parseNumber('number', text, checkBound)
  const quick = quickCheckPrime(number)
  if (quick) {
    call.answeredInline()
    return toResponse(quick)
  }
  const expectedMs = estimateCheckMs(number.toString(2).length)
  return call.run<PrimeCheck>('check', number, { expectedMs, whenStopped: 'end-thread' }).then(toResponse)
}

function toResponse({ prime, certainty, divisor }: PrimeCheck): CheckPrimeResponse {
  return { prime, certainty: toCertainty(certainty), divisor: divisor === undefined ? '' : String(divisor) }
}
