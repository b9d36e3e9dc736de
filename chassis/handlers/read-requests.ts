import type { Readable } from 'node:stream'
import type { ActiveCall } from '../interceptors/active-call.ts'
import { decodeRequest, type Method } from './method.ts'

/** The requests of one stream. */
export interface Requests {
  /** What the handler reads. Throws the signal's reason when the call ends. */
  iterable: AsyncIterable<unknown>
  /** True when the replica left before the caller had said everything. */
  readonly cutShort: boolean
}

/**
 * Reads requests as the handler asks for them. When the replica leaves, reading ends after what has arrived already, as if
 * the caller had half-closed, so that every number taken is still answered.
 */
export function readRequests(readable: Readable, method: Method<unknown>, call: ActiveCall): Requests {
  let cutShort = false
  const onLeaving = (): void => {
    if (readable.readableEnded || !call.isReading) return
    cutShort = true
    call.stopReading()
    readable.push(null)
  }
  return {
    iterable: readAll(readable, method, { call, onLeaving }),
    get cutShort() {
      return cutShort
    },
  }
}

async function* readAll(
  readable: Readable,
  method: Method<unknown>,
  { call, onLeaving }: { call: ActiveCall; onLeaving: () => void },
): AsyncGenerator {
  if (method.leaving.aborted) onLeaving()
  method.leaving.addEventListener('abort', onLeaving, { once: true })
  try {
    // Closing the readable would close the writable side with it.
    for await (const bytes of readable.iterator({ destroyOnReturn: false })) {
      yield decodeRequest(method.definition, bytes as Buffer)
    }
  } catch (thrown) {
    call.signal.throwIfAborted()
    throw thrown
  } finally {
    method.leaving.removeEventListener('abort', onLeaving)
  }
}
