import type { handleUnaryCall } from '@grpc/grpc-js'
import { callOf } from '../interceptors/intercept.ts'
import { callEndFrom } from '../status-error.ts'
import type { UnaryHandler } from '../workload.ts'
import { decodeRequest, type Method } from './method.ts'

/** From this size on a body is looked at only when there is a place for its call. */
const largeBytes = 4096

/** A handler of one request and one response, as grpc-js calls it. An answer that needs no waiting costs no promise. */
export function unary(method: Method<UnaryHandler<unknown, unknown>>): handleUnaryCall<Buffer, Buffer> {
  return (grpcCall, respond) => {
    const call = callOf(grpcCall.metadata)
    const fail = (thrown: unknown): void => call.fail(callEndFrom(thrown))
    const send = (response: unknown): void => respond(null, method.definition.responseSerialize(response))
    try {
      const refusal = grpcCall.request.byteLength > largeBytes ? method.refusalOf(call) : undefined
      if (refusal) throw refusal
      const response = call.enter(() =>
        method.handler(decodeRequest(method.definition, grpcCall.request), method.contextOf(call)),
      )
      if (isPromise(response)) Promise.resolve(response).then(send).catch(fail)
      else send(response)
    } catch (thrown) {
      fail(thrown)
    }
  }
}

/** Also one of another library; a message has no function. */
function isPromise(response: unknown): response is PromiseLike<unknown> {
  return typeof response === 'object' && response !== null && 'then' in response && typeof response.then === 'function'
}
