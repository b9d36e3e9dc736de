import { checkPrimeSync } from 'node:crypto'
import { passesBailliePsw } from './baillie-psw.ts'
import { smallDivisor } from './small-primes.ts'

/** `proven`: a proof exists. `probable`: prime, but for a chance of at most 2^-128 over the random bases of the test. */
export type Certainty = 'proven' | 'probable'

/** What is known of one number. `divisor`, neither 1 nor the number, is there only where one was met on the way. */
export interface PrimeCheck {
  readonly prime: boolean
  readonly certainty: Certainty
  readonly divisor?: bigint
}

const PROVEN_LIMIT = 2n ** 64n

/** Batches of small primes tried before the test below 2^64, and by the quick check of any number: the primes to 71. */
const QUICK_BATCHES = 5

/**
 * Whether n >= 0 is prime. Proven for every composite and below 2^64 (about 7 us); a prime above is probable. It cannot be
 * stopped: a prime of 1024 bits takes about 15 ms, one of 4096 bits 3 s. Throws a RangeError for a negative number.
 */
export function checkPrime(n: bigint): PrimeCheck {
  if (n < PROVEN_LIMIT) return checkBelow2To64(n)
  // The remainders are a hundredth of one round of OpenSSL's test at any size, and find the divisor that it keeps to itself.
  const divisor = smallDivisor(n, Math.ceil(n.toString(16).length / 8))
  if (divisor !== 0) return { prime: false, certainty: 'proven', divisor: BigInt(divisor) }
  // OpenSSL takes 64 as the least number of Miller-Rabin rounds, and does 128 beyond 2048 bits.
  if (checkPrimeSync(n, { checks: 64 })) return { prime: true, certainty: 'probable' }
  return { prime: false, certainty: 'proven' }
}

/** What `checkPrime` would say, where it is certain to take less than about 20 us at up to 4096 bits; else undefined. */
export function quickCheckPrime(n: bigint): PrimeCheck | undefined {
  if (n < PROVEN_LIMIT) return checkBelow2To64(n)
  const divisor = smallDivisor(n, QUICK_BATCHES)
  return divisor === 0 ? undefined : { prime: false, certainty: 'proven', divisor: BigInt(divisor) }
}

function checkBelow2To64(n: bigint): PrimeCheck {
  if (n < 0n) throw new RangeError(`${n} must not be negative`)
  if (n < 2n) return { prime: false, certainty: 'proven' }
  const divisor = smallDivisor(n, QUICK_BATCHES)
  if (divisor === 0) return { prime: passesBailliePsw(n), certainty: 'proven' }
  if (BigInt(divisor) === n) return { prime: true, certainty: 'proven' }
  return { prime: false, certainty: 'proven', divisor: BigInt(divisor) }
}
