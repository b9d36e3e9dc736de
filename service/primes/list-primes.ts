import { invalidArgument } from '../../chassis/errors.ts'
import type { ServerStreamHandler } from '../../chassis/workload.ts'
import type { ListPrimesRequest, ListPrimesResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { segmentEnd } from './number-theory/list-primes.ts'

/** Longest interval of one call, in numbers. */
const maxIntervalLength = 1_000_000_000n
/** Most primes in one message: about 40 KB at the largest. */
const maxPrimesPerMessage = 4096
/** A segment is planned to take about this long, and up to four times of it. */
const segmentMs = 20

/**
 * ListPrimes: one task per segment, the next one only when the reader has taken what there is, so that a list that waits
 * holds neither worker nor memory.
 */
export const listPrimes: ServerStreamHandler<ListPrimesRequest, ListPrimesResponse> = async function* (request, call) {
  const { from, to } = request
  if (from > to)
    throw invalidArgument('from', `${from} is above to=${to}; an interval is from the smaller to the larger`)
  if (to - from >= maxIntervalLength) {
    throw invalidArgument('to', `the interval has ${to - from + 1n} numbers; at most ${maxIntervalLength} are allowed`)
  }
  for (let start = from; start <= to; ) {
    const end = segmentEnd(start, to)
    // Only the first segment may be refused: a list that has begun waits for its place instead of breaking off.
    const whenFull = start === from ? 'refuse' : 'wait'
    const segment = { from: start, to: end }
    const primes = await call.run<BigUint64Array>('list', segment, { whenFull, expectedMs: segmentMs })
    yield* inMessages(primes)
    start = end + 1n
  }
}

function* inMessages(primes: BigUint64Array): Generator<ListPrimesResponse> {
  for (let index = 0; index < primes.length; index += maxPrimesPerMessage) {
    yield { primes: Array.from(primes.subarray(index, index + maxPrimesPerMessage)) }
  }
}
