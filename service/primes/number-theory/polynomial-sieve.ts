import type { FactorBase } from './factor-base.ts'
import { NO_ROOT, type Polynomials } from './polynomials.ts'
import type { Poll } from './stop.ts'

/** Primes below this are not sieved with: they cost most steps and say least. The threshold allows for them. */
const SMALLEST_SIEVED_PRIME = 40

/** Steps of sieving between two polls: about 100 us. */
const STEPS_PER_POLL = 80_000

/** A byte from here on is a candidate: the sieve starts so much lower that one test of the top bit finds it. */
const CANDIDATE = 0x80

/** Finds, by adding logarithms, for which x a polynomial is likely to split into primes of the base. */
export class PolynomialSieve {
  readonly #base: FactorBase
  readonly #bytes: Uint8Array
  /** The same memory, four values at once. */
  readonly #words: Uint32Array
  readonly #start: number
  readonly #firstIndex: number

  /** `thresholdBits`: how much of a value must be explained by sieved primes, as a logarithm to base 2, below 128. */
  constructor(base: FactorBase, sieveLength: number, thresholdBits: number) {
    this.#base = base
    this.#bytes = new Uint8Array(sieveLength)
    this.#words = new Uint32Array(this.#bytes.buffer)
    this.#start = CANDIDATE - Math.max(1, Math.min(CANDIDATE, Math.round(thresholdBits)))
    this.#firstIndex = base.primes.findIndex((prime) => prime >= SMALLEST_SIEVED_PRIME)
  }

  /** The candidates as x + halfLength, ascending. */
  candidates(polynomials: Polynomials, poll: Poll): number[] {
    this.#bytes.fill(this.#start)
    this.#addLogarithms(polynomials, poll)
    const found: number[] = []
    const words = this.#words
    for (let word = 0; word < words.length; word += 4) {
      // Most groups of 16 values hold none.
      if (((words[word]! | words[word + 1]! | words[word + 2]! | words[word + 3]!) & 0x80808080) === 0) continue
      for (let index = 4 * word; index < 4 * word + 16; index++) if (this.#bytes[index]! >= CANDIDATE) found.push(index)
    }
    return found
  }

  #addLogarithms({ firstRoots, secondRoots }: Polynomials, poll: Poll): void {
    const { primes, logarithms } = this.#base
    const bytes = this.#bytes
    const length = bytes.length
    let steps = 0
    for (let index = this.#firstIndex; index < primes.length; index++) {
      const prime = primes[index]!
      const logarithm = logarithms[index]!
      let low = firstRoots[index]!
      if (low === NO_ROOT) continue
      let high = secondRoots[index]!
      if (low > high) [low, high] = [high, low]
      for (; high < length; low += prime, high += prime) {
        bytes[low]! += logarithm
        bytes[high]! += logarithm
      }
      if (low < length) bytes[low]! += logarithm
      steps += 10 + (2 * length) / prime
      if (steps < STEPS_PER_POLL) continue
      poll()
      steps = 0
    }
  }
}
