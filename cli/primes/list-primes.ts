import { setTimeout as pause } from 'node:timers/promises'
import { Metadata } from '@grpc/grpc-js'
import type { ListPrimesResponse, PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { isCallFailure } from './call-failure.ts'
import { Resumption } from './resumption.ts'

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
export async function* listPrimes(
  client: PrimesServiceClient,
  options: ListOptions,
): AsyncGenerator<ListPrimesResponse> {
  const { to, signal, deadlineMs } = options
  const endAtMs = Date.now() + (deadlineMs ?? Number.POSITIVE_INFINITY)
  const resumption = new Resumption()
  for (let from = options.from; ; ) {
    const start = from
    const deadline = Math.min(Date.now() + callDeadlineMs, endAtMs)
    const call = client.listPrimes({ from, to }, new Metadata(), { deadline })
    const cancel = (): void => call.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      for await (const message of call as AsyncIterable<ListPrimesResponse>) {
        yield message
        from = (message.primes.at(-1) ?? from - 1n) + 1n
      }
      return
    } catch (thrown) {
      signal.throwIfAborted()
      if (!isCallFailure(thrown)) throw thrown
      const pauseMs = Date.now() < endAtMs ? resumption.pauseMs(thrown, from > start) : undefined
      if (pauseMs === undefined) throw thrown
      // All primes were there, only the end was cut off.
      if (from > to) return
      await pause(pauseMs, undefined, { signal })
    } finally {
      signal.removeEventListener('abort', cancel)
      call.cancel()
    }
  }
}
