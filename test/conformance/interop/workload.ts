import { setTimeout as pause } from 'node:timers/promises'
import { Metadata } from '@grpc/grpc-js'
import { StatusError } from '../../../chassis/status-error.ts'
import { type CallContext, defineWorkload, moduleBeside } from '../../../chassis/workload.ts'
import {
  type EchoStatus,
  type Payload,
  type StreamingOutputCallRequest,
  type StreamingOutputCallResponse,
  TestServiceService,
} from '../../../gen/grpc/testing/test.ts'

// One case wants a method that nobody serves.
const { unimplementedCall: _, ...service } = TestServiceService

/** Metadata that comes back as headers, and as trailers. */
export const echoed = { headers: 'x-grpc-test-echo-initial', trailers: 'x-grpc-test-echo-trailing-bin' } as const

/** The test service of gRPC's own interoperability cases. */
export const interop = defineWorkload({
  name: 'interop',
  service,
  handlers: {
    emptyCall: () => ({}),
    unaryCall: ({ responseSize, responseStatus, fillServerId }, call) => {
      echoMetadata(call)
      throwIfAsked(responseStatus)
      return { payload: payloadOf(responseSize), serverId: fillServerId ? 'interop' : '' }
    },
    streamingOutputCall: (request, call) => responsesTo(request, call),
    streamingInputCall: async (requests) => {
      let aggregatedPayloadSize = 0
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.byteLength ?? 0
      return { aggregatedPayloadSize }
    },
    fullDuplexCall: async function* (requests, call) {
      echoMetadata(call)
      for await (const request of requests) {
        throwIfAsked(request.responseStatus)
        yield* responsesTo(request, call)
      }
    },
    halfDuplexCall: async function* (requests, call) {
      const all: StreamingOutputCallRequest[] = []
      for await (const request of requests) all.push(request)
      for (const request of all) yield* responsesTo(request, call)
    },
  },
  tasks: moduleBeside('../connect/tasks', import.meta.url),
  idempotent: false,
})

/** Zeros, as the cases ask for nothing else. */
export function payloadOf(size: number): Payload {
  return { type: 0, body: Buffer.alloc(size) }
}

async function* responsesTo(
  { responseParameters }: StreamingOutputCallRequest,
  { signal }: CallContext,
): AsyncGenerator<StreamingOutputCallResponse> {
  for (const { size, intervalUs } of responseParameters) {
    if (intervalUs > 0) await pause(intervalUs / 1000, undefined, { signal })
    yield { payload: payloadOf(size) }
  }
}

function echoMetadata(call: CallContext): void {
  for (const value of call.metadata.get(echoed.trailers)) call.trailers.set(echoed.trailers, value)
  const [value] = call.metadata.get(echoed.headers)
  if (value === undefined) return
  const headers = new Metadata()
  headers.set(echoed.headers, value)
  call.sendHeaders(headers)
}

function throwIfAsked(wanted: EchoStatus | undefined): void {
  if (wanted && wanted.code !== 0) throw new StatusError(wanted.code, wanted.message)
}
