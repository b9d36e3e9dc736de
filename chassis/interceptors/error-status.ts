import { status } from '@grpc/grpc-js'
import type { CallStatus } from '../call.ts'
import { CallError } from '../errors.ts'
import { unannounced } from '../listen/hardened-server.ts'
import { statusFromError, wireText } from '../status.ts'
import type { Hooks, Interceptor } from './interceptor.ts'

/**
 * Gives every status its row of the error table, also those that grpc-js makes by itself, and keeps our insides to
 * ourselves: the text of an unexpected error goes to the log, not to the caller.
 */
export function errorStatusInterceptor(maxMessageBytes: number): Interceptor {
  const hooks: Hooks = {
    answering: (answer) => {
      if (answer.code === status.OK || answer.error !== undefined || answer.chosen === true) return
      const error = errorFromForeign(answer, maxMessageBytes)
      if (error) Object.assign(answer, statusFromError(error))
      else answer.details = wireText(answer.details)
    },
  }
  return () => hooks
}

/** What grpc-js means by a status that it made itself; undefined for a status that a handler chose. */
function errorFromForeign({ code, details }: CallStatus, maxMessageBytes: number): CallError | undefined {
  if (code === status.RESOURCE_EXHAUSTED) {
    return new CallError(
      'message_too_large',
      `request body: over ${maxMessageBytes} bytes, also when decompressed; send less`,
    )
  }
  if (code === status.INTERNAL && details === unannounced) return new CallError('malformed_frame', details)
  if (code === status.INTERNAL && details === 'Failed to decompress message') {
    return new CallError('malformed_request', 'request body: cannot be decompressed as grpc-encoding says')
  }
  if (code === status.UNIMPLEMENTED) return new CallError('unimplemented', details)
  if (code === status.INTERNAL || code === status.UNKNOWN) {
    return new CallError('internal', 'internal error; its cause is in the log of the replica', { cause: details })
  }
  return undefined
}
