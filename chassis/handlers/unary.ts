import type { handleUnaryCall } from '@grpc/grpc-js'
import type { UnaryHandler } from '../workload.ts'
import { answer, decodeRequest, type Method } from './method.ts'

/** A handler of one request and one response, as grpc-js calls it. */
export function unary(method: Method<UnaryHandler<unknown, unknown>>): handleUnaryCall<Buffer, Buffer> {
  return (grpcCall, respond) => {
    const call = method.callOf(grpcCall.metadata)
    answer(call, async () => {
      const request = decodeRequest(method.definition, grpcCall.request)
      const response = await method.handler(request, method.contextOf(call))
      respond(null, method.definition.responseSerialize(response))
    })
  }
}
