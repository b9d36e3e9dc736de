import type { handleBidiStreamingCall } from '@grpc/grpc-js'
import { callOf } from '../interceptors/intercept.ts'
import { okStatus } from '../status.ts'
import type { BidiStreamHandler } from '../workload.ts'
import { answer, leavingError, type Method } from './method.ts'
import { readRequests } from './read-requests.ts'
import { sendResponses } from './send-responses.ts'

/** A handler of a stream of requests and a stream of responses, as grpc-js calls it. */
export function bidiStream(
  method: Method<BidiStreamHandler<unknown, unknown>>,
): handleBidiStreamingCall<Buffer, Buffer> {
  return (grpcCall) => {
    const call = callOf(grpcCall.metadata)
    answer(call, async () => {
      const requests = readRequests(grpcCall, method, call)
      const responses = method.handler(requests.iterable, method.contextOf(call))
      await sendResponses(responses, { method, call, writable: grpcCall, stopWhenLeaving: false })
      if (requests.cutShort) throw leavingError()
      call.answer(okStatus())
    })
  }
}
