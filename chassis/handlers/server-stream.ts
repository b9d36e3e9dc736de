import type { handleServerStreamingCall } from '@grpc/grpc-js'
import { callOf } from '../interceptors/intercept.ts'
import { okStatus } from '../status.ts'
import type { ServerStreamHandler } from '../workload.ts'
import { answer, decodeRequest, leavingError, type Method } from './method.ts'
import { sendResponses } from './send-responses.ts'

/** A handler of one request and a stream of responses, as grpc-js calls it. */
export function serverStream(
  method: Method<ServerStreamHandler<unknown, unknown>>,
): handleServerStreamingCall<Buffer, Buffer> {
  return (grpcCall) => {
    const call = callOf(grpcCall.metadata)
    answer(call, async () => {
      const request = decodeRequest(method.definition, grpcCall.request)
      const responses = method.handler(request, method.contextOf(call))
      const complete = await sendResponses(responses, { method, call, writable: grpcCall, stopWhenLeaving: true })
      if (!complete) throw leavingError()
      call.answer(okStatus())
    })
  }
}
