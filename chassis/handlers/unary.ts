import type { handleUnaryCall } from '@grpc/grpc-js'
import { callErrorFrom } from '../errors.ts'
import { callOf } from '../interceptors/intercept.ts'
import type { UnaryHandler } from '../workload.ts'
import { decodeRequest, type Method } from './method.ts'

/** A handler of one request and one response, as grpc-js calls it. An answer that needs no waiting costs no promise. */
export function unary(method: Method<UnaryHandler<unknown, unknown>>): handleUnaryCall<Buffer, Buffer> {
  return (grpcCall, respond) => {
    const call = callOf(grpcCall.metadata)
    const fail = (thrown: unknown): void => call.fail(callErrorFrom(thrown))
    const send = (response: unknown): void => respond(null, method.definition.responseSerialize(response))
    try {
      const response = call.enter(() =>
        method.handler(decodeRequest(method.definition, grpcCall.request), method.contextOf(call)),
      )
      if (response instanceof Promise) response.then(send).catch(fail)
      else send(response)
    } catch (thrown) {
      fail(thrown)
    }
  }
}
