import { Certainty } from '../../gen/evenkeel/primes/v1/primes.ts'
import type { Certainty as KnownCertainty } from './number-theory/is-prime.ts'

/** How sure an answer is, as the contract says it. */
export function toCertainty(certainty: KnownCertainty): Certainty {
  return certainty === 'proven' ? Certainty.CERTAINTY_PROVEN : Certainty.CERTAINTY_PROBABLE
}
