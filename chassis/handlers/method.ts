import type { MethodDefinition } from '@grpc/grpc-js'
import { CallError } from '../errors.ts'
import type { ActiveCall } from '../interceptors/active-call.ts'
import { callEndFrom } from '../status-error.ts'
import type { CallContext } from '../workload.ts'

/** What every adapter between grpc-js and a handler needs. Messages are bytes on the side of grpc-js. */
export interface Method<Handler> {
  definition: MethodDefinition<unknown, unknown>
  handler: Handler
  contextOf: (call: ActiveCall) => CallContext
  /** Why a call would be refused whatever its request says; undefined when it would not be. */
  refusalOf: (call: ActiveCall) => CallError | undefined
  /** Aborts when streams have to end because the replica leaves. */
  leaving: AbortSignal
}

/** Decodes a request. Throws `malformed_request` for bytes that are not the message. */
export function decodeRequest(definition: MethodDefinition<unknown, unknown>, bytes: Buffer): unknown {
  try {
    return definition.requestDeserialize(bytes)
  } catch (cause) {
    const name = definition.path.split('/').at(-1)
    throw new CallError('malformed_request', `request body: ${bytes.byteLength} bytes are not a request of ${name}`, {
      cause,
    })
  }
}

/** Runs a handler to its end inside the call's context; whatever it throws ends the call. */
export function answer(call: ActiveCall, run: () => Promise<void>): void {
  call.enter(run).catch((thrown: unknown) => call.fail(callEndFrom(thrown)))
}

/** Why a stream ends when the replica leaves. */
export function leavingError(): CallError {
  return new CallError('draining', 'this replica is leaving; resume the stream, another one goes on')
}
