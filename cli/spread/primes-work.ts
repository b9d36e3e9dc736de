import { CheckPrimeRequest, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { usageError } from '../command-error.ts'
import { drawJobs, type JobMix } from './jobs.ts'
import type { Work } from './work.ts'

/** Primes whose check takes about as long as the name says on one core: of 300, 680 and 1600 bits. */
export const primeJobs: Readonly<Record<string, bigint>> = {
  '1ms': 2n ** 299n + 443n,
  '5ms': 2n ** 679n + 323n,
  '50ms': 2n ** 1599n + 1775n,
}

/** Numbers that are decided in microseconds: primes, composites, squares, Carmichael numbers. */
const tinyNumbers = [2, 25, 97, 341, 561, 1009, 2047, 7919, 8911, 15_841, 65_537, 104_729, 1_000_003, 3_215_031_751]

/**
 * Checks of primes: `tiny`, `1ms`, `5ms`, `50ms`, or a decimal number as its own name. Throws a usage error for other jobs.
 */
export function primesWork({ mix, seed }: { mix: JobMix; seed: number }): Work {
  const requests = new Map(Object.keys(mix).map((job) => [job, numbersOf(job).map(encode)]))
  const jobs = drawJobs(mix, seed)
  let turn = 0
  return {
    path: PrimesServiceService.checkPrime.path,
    nextRequest: () => {
      const choices = requests.get(jobs.next().value) as Buffer[]
      turn += 1
      return choices[turn % choices.length] as Buffer
    },
  }
}

function numbersOf(job: string): (number | bigint | string)[] {
  if (job === 'tiny') return tinyNumbers
  const prime = primeJobs[job]
  if (prime !== undefined) return [prime]
  if (/^(0|[1-9]\d{0,1233})$/.test(job)) return [job]
  throw usageError(
    `"${job.slice(0, 24)}": no such job of PrimesService; there are tiny, 1ms, 5ms, 50ms and decimal numbers`,
  )
}

function encode(number: number | bigint | string): Buffer {
  return Buffer.from(CheckPrimeRequest.encode({ number: String(number) }).finish())
}
