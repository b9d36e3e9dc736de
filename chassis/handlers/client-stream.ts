import type { handleClientStreamingCall } from '@grpc/grpc-js'
import { callOf } from '../interceptors/intercept.ts'
import type { ClientStreamHandler } from '../workload.ts'
import { answer, leavingError, type Method } from './method.ts'
import { readRequests } from './read-requests.ts'

/** A handler of a stream of requests and one response, as grpc-js calls it. */
export function clientStream(
  method: Method<ClientStreamHandler<unknown, unknown>>,
): handleClientStreamingCall<Buffer, Buffer> {
  return (grpcCall, respond) => {
    const call = callOf(grpcCall.metadata)
    answer(call, async () => {
      const requests = readRequests(grpcCall, method, call)
      const response = await method.handler(requests.iterable, method.contextOf(call))
      // Half of the input has no right answer.
      if (requests.cutShort) throw leavingError()
      respond(null, method.definition.responseSerialize(response))
    })
  }
}
