import { sieveOddNumbers } from './sieve.ts'
import { primesBelow } from './small-primes.ts'
import type { Poll } from './stop.ts'

/** The largest bound of the list: 2 million primes, 8 MB for a thread. Twice as many would make each segment twice as slow. */
export const MAX_BASE_PRIME = 2 ** 25

/** How many odd numbers one step of growth sieves: half a millisecond. */
const STEP = 2 ** 17

/** The odd primes up to a bound, kept and extended as larger bounds are asked for, so that a thread finds them once. */
export class BasePrimes {
  #primes = primesBelow(2 ** 13).slice(1)
  #count = this.#primes.length
  #upTo = 2 ** 13

  /** An ascending list of at least the odd primes up to `limit`. Throws a RangeError beyond `MAX_BASE_PRIME`. */
  upTo(limit: number, poll: Poll): Uint32Array {
    if (limit > MAX_BASE_PRIME) throw new RangeError(`${limit} must be at most ${MAX_BASE_PRIME}`)
    while (this.#upTo < limit) this.#extend(poll)
    return this.#primes.subarray(0, this.#count)
  }

  /** The first list reaches the root of the largest bound, so it can sieve all the others. */
  #extend(poll: Poll): void {
    const first = this.#upTo + 1
    const count = Math.min(STEP, (MAX_BASE_PRIME - this.#upTo) / 2)
    const composite = sieveOddNumbers(
      { first: BigInt(first), count },
      { primes: this.#primes, limit: Math.sqrt(first + 2 * count) },
      poll,
    )
    const room = this.#count + count
    if (this.#primes.length < room) this.#grow(room)
    for (let index = 0; index < count; index++) {
      if (composite[index] === 0) this.#primes[this.#count++] = first + 2 * index
    }
    this.#upTo = first + 2 * count - 1
  }

  #grow(room: number): void {
    const larger = new Uint32Array(Math.max(room, Math.min(2 * this.#primes.length, 2_100_000)))
    larger.set(this.#primes.subarray(0, this.#count))
    this.#primes = larger
  }
}
