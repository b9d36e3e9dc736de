import type { Writable } from 'node:stream'
import type { ActiveCall } from '../interceptors/active-call.ts'
import type { Method } from './method.ts'

/** Where responses go. */
export interface SendOptions {
  method: Method<unknown>
  call: ActiveCall
  writable: Writable
  /** True to stop between two responses when the replica leaves. */
  stopWhenLeaving: boolean
}

/**
 * Sends what the handler yields, each once the one before it has left for the reader, so that a reader that waits holds one
 * message and not a buffer full. Resolves to false when it stopped early. Rejects with the signal's reason when the call ends.
 */
export async function sendResponses(responses: AsyncIterable<unknown>, options: SendOptions): Promise<boolean> {
  const { method, call, writable, stopWhenLeaving } = options
  for await (const response of responses) {
    await write(writable, method.definition.responseSerialize(response), call.signal)
    if (stopWhenLeaving && method.leaving.aborted) return false
  }
  call.signal.throwIfAborted()
  return true
}

/** Resolves when flow control has let the message go. A call that has ended never confirms, hence the signal. */
function write(writable: Writable, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    writable.write(bytes, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
