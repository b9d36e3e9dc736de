import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js'
import type { CallOrigin } from '../call.ts'
import { ActiveCall, statusFromForeign } from './active-call.ts'
import type { Interceptor } from './interceptor.ts'

/** Finds the call that a handler was given by the metadata it was given: the one object that both sides see. */
export type CallOf = (metadata: Metadata) => ActiveCall

/** All interceptors as the single one that grpc-js is given, and the way from a handler's metadata to its call. */
export interface Interception {
  serverInterceptor: ServerInterceptor
  callOf: CallOf
}

/** Puts `interceptors` (outermost first) around every call. `originOf` says whose method a path is. */
export function interceptWith(
  interceptors: readonly Interceptor[],
  originOf: (path: string) => CallOrigin,
): Interception {
  const calls = new WeakMap<Metadata, ActiveCall>()
  const serverInterceptor: ServerInterceptor = (definition, base) => {
    const call = new ActiveCall({ definition, origin: originOf(definition.path), interceptors }, base)
    return new ServerInterceptingCall(base, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, deliver) => {
            calls.set(metadata, call)
            call.begin(metadata)
            if (call.isOpen) deliver(metadata)
          },
          onReceiveMessage: (message, deliver) => {
            if (!call.isReading) return
            call.received(sizeOf(message))
            deliver(message)
          },
          onReceiveHalfClose: (deliver) => {
            if (!call.isReading) return
            call.stopReading()
            deliver()
          },
          onCancel: () => call.over(),
        }),
      sendMetadata: (metadata, deliver) => {
        if (call.isOpen) deliver(metadata)
      },
      sendMessage: (message, deliver) => {
        if (!call.isOpen) return
        call.sent(sizeOf(message))
        deliver(message)
      },
      sendStatus: (status) => call.answer(statusFromForeign(status)),
    })
  }
  const callOf: CallOf = (metadata) => {
    const call = calls.get(metadata)
    if (!call) throw new Error('metadata of a call that did not pass the interceptors')
    return call
  }
  return { serverInterceptor, callOf }
}

function sizeOf(message: unknown): number {
  return Buffer.isBuffer(message) ? message.byteLength : 0
}
