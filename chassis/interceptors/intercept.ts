import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js'
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js'
import type { CallOrigin } from '../call.ts'
import { baseCallOf } from '../listen/hardened-server.ts'
import { ActiveCall, statusFromForeign } from './active-call.ts'
import type { Interceptor } from './interceptor.ts'

/** What hears of the caller: grpc-js exports no name for it. */
type Listener = Parameters<ServerInterceptingCallInterface['start']>[0]

/** Where grpc-js carries the call from the interceptor to the handler: both see the same metadata, and it is never sent. */
const callKey = 'evenkeel-call'

/** All interceptors (outermost first) as the single one that grpc-js is given. `originOf` says whose method a path is. */
export function interceptWith(
  interceptors: readonly Interceptor[],
  originOf: (path: string) => CallOrigin,
): ServerInterceptor {
  return (definition, base) =>
    new InterceptedCall(base, new ActiveCall({ definition, origin: originOf(definition.path), interceptors }, base))
}

/** The call of a handler, found by the metadata that the handler was given. */
export function callOf(metadata: Metadata): ActiveCall {
  const call = metadata.getOpaque(callKey)
  if (!(call instanceof ActiveCall)) throw new Error('metadata of a call that did not pass the interceptors')
  return call
}

/**
 * Both sides of a call at once: what grpc-js sends through, and what listens to the caller. One object in place of the eight
 * closures, two listeners and one responder that grpc-js would build of an interceptor's parts, for each call.
 */
class InterceptedCall extends ServerInterceptingCall implements Listener {
  readonly #base: ServerInterceptingCallInterface
  readonly #call: ActiveCall
  #handler: Listener | undefined

  constructor(base: ServerInterceptingCallInterface, call: ActiveCall) {
    super(base)
    this.#base = base
    this.#call = call
  }

  override start(handler: Listener): void {
    this.#handler = handler
    this.#base.start(this)
  }

  onReceiveMetadata(metadata: Metadata): void {
    metadata.setOpaque(callKey, this.#call)
    this.#call.begin(metadata)
    if (this.#call.isOpen) this.#handler?.onReceiveMetadata(metadata)
  }

  onReceiveMessage(message: unknown): void {
    if (!this.#call.isReading) return
    this.#call.received(sizeOf(message))
    this.#handler?.onReceiveMessage(message)
  }

  onReceiveHalfClose(): void {
    if (!this.#call.isReading) return
    this.#call.stopReading()
    this.#handler?.onReceiveHalfClose()
  }

  onCancel(): void {
    this.#call.over()
    this.#handler?.onCancel()
  }

  override sendMetadata(metadata: Metadata): void {
    if (this.#call.isOpen) this.#base.sendMetadata(metadata)
  }

  override sendMessage(message: unknown, sent: () => void): void {
    if (!this.#call.isOpen) return
    this.#call.sent(sizeOf(message))
    if (this.#call.kind !== 'unary') return this.#base.sendMessage(message, sent)
    // The status of a unary call waits for nothing: it follows in the same write, which saves a turn and a packet.
    this.#base.sendMessage(message, () => {})
    // A stream that is closed has no status any more; that its caller is gone is told by onCancel.
    if (!baseCallOf(this.#base).stream.destroyed) sent()
  }

  override sendStatus(status: Parameters<ServerInterceptingCallInterface['sendStatus']>[0]): void {
    this.#call.answer(statusFromForeign(status))
  }
}

function sizeOf(message: unknown): number {
  return Buffer.isBuffer(message) ? message.byteLength : 0
}
