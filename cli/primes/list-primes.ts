import { Metadata } from '@grpc/grpc-js'
import { resumeStream } from '../../client/resume-stream.ts'
import type { ListPrimesResponse, PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'

/** How long one call of a list may take: the most that services give. Longer lists go on with a further call. */
const callDeadlineMs = 30_000

/** The interval, and when to give up. */
export interface ListOptions {
  from: bigint
  to: bigint
  signal: AbortSignal
  /** Milliseconds for the whole list; unbounded when unset. */
  deadlineMs?: number | undefined
}

/**
 * The primes of an interval, ascending. A stream that breaks is taken up after its last prime; nothing comes twice, nothing
 * is left out. Ends the call when the reader stops reading. Throws what the last call failed with.
 */
export function listPrimes(client: PrimesServiceClient, options: ListOptions): AsyncGenerator<ListPrimesResponse> {
  const { to, signal, deadlineMs } = options
  const giveUpAtMs = Date.now() + (deadlineMs ?? Number.POSITIVE_INFINITY)
  return resumeStream({
    from: options.from,
    open: (from) => {
      const deadline = Math.min(Date.now() + callDeadlineMs, giveUpAtMs)
      return client.listPrimes({ from, to }, new Metadata(), { deadline })
    },
    after: ({ primes }, from) => (primes.at(-1) ?? from - 1n) + 1n,
    isEnd: (from) => from > to,
    signal,
    giveUpAtMs,
  })
}
