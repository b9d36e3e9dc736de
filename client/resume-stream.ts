import { setTimeout as pause } from 'node:timers/promises'
import type { ClientReadableStream } from '@grpc/grpc-js'
import { isCallFailure } from './call-failure.ts'
import { Resumption } from './resumption.ts'

/** A stream of a server that can be opened at any position, such as a list after the last thing that was read. */
export interface ResumableStream<Message, Position> {
  /** Where it begins. */
  from: Position
  /** Makes the call that gives what comes from a position on. */
  open(from: Position): ClientReadableStream<Message>
  /** Where to go on after a message. It may be `from` again when the message held nothing. */
  after(message: Message, from: Position): Position
  /** Whether nothing can come from a position on, so that a break there is an end; default: never. */
  isEnd?(position: Position): boolean
  signal?: AbortSignal | undefined
  /** `Date.now()` after which a break stands; default: never. */
  giveUpAtMs?: number | undefined
}

/**
 * The messages of a stream that is taken up again when it breaks: nothing comes twice, nothing is left out. Ends the call when
 * the reader stops reading. Throws what the last call failed with, once `Resumption` gives up, and the reason of the signal.
 */
export async function* resumeStream<Message, Position>(
  stream: ResumableStream<Message, Position>,
): AsyncGenerator<Message> {
  const { signal, giveUpAtMs = Number.POSITIVE_INFINITY } = stream
  const resumption = new Resumption()
  for (let from = stream.from; ; ) {
    signal?.throwIfAborted()
    const start = from
    const call = stream.open(from)
    const cancel = (): void => call.cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      for await (const message of call as AsyncIterable<Message>) {
        yield message
        from = stream.after(message, from)
      }
      return
    } catch (thrown) {
      signal?.throwIfAborted()
      if (!isCallFailure(thrown)) throw thrown
      const pauseMs = Date.now() < giveUpAtMs ? resumption.pauseMs(thrown, from !== start) : undefined
      if (pauseMs === undefined) throw thrown
      // All was there, only the end was cut off.
      if (stream.isEnd?.(from) === true) return
      // Where the signal ends it, the loop throws its reason.
      await pause(pauseMs, undefined, signal ? { signal } : {}).catch(() => {})
    } finally {
      signal?.removeEventListener('abort', cancel)
      call.cancel()
    }
  }
}
