import type { CallContext } from '../../../chassis/workload.ts'
import { defineWorkload, moduleBeside } from '../../../chassis/workload.ts'
import {
  BidiStreamRequest,
  type BidiStreamResponse,
  ClientStreamRequest,
  ConformanceServiceService,
  IdempotentUnaryRequest,
  ServerStreamRequest,
  type ServerStreamResponse,
  UnaryRequest,
} from '../../../gen/connectrpc/conformance/v1/service.ts'
import type { Any } from '../../../gen/google/protobuf/any.ts'
import { anyOf } from './request-info.ts'
import { ResponseStream } from './response-stream.ts'
import { singleResponse } from './single-response.ts'

// The suite wants a method that nobody serves.
const { unimplemented: _, ...service } = ConformanceServiceService

/** The service that the conformance suite of Connect calls: each request says how it is to be answered. */
export const connectConformance = defineWorkload({
  name: 'connect-conformance',
  service,
  handlers: {
    unary: (request, call) =>
      singleResponse(request.responseDefinition, [anyOf('UnaryRequest', UnaryRequest, request)], call),
    idempotentUnary: (request, call) => {
      const seen = anyOf('IdempotentUnaryRequest', IdempotentUnaryRequest, request)
      return singleResponse(request.responseDefinition, [seen], call)
    },
    clientStream: async (requests, call) => {
      const all: ClientStreamRequest[] = []
      for await (const request of requests) all.push(request)
      const seen = all.map((request) => anyOf('ClientStreamRequest', ClientStreamRequest, request))
      return singleResponse(all[0]?.responseDefinition, seen, call)
    },
    serverStream,
    bidiStream,
  },
  tasks: moduleBeside('tasks', import.meta.url),
  idempotent: false,
})

async function* serverStream(request: ServerStreamRequest, call: CallContext): AsyncGenerator<ServerStreamResponse> {
  const seen = [anyOf('ServerStreamRequest', ServerStreamRequest, request)]
  const responses = new ResponseStream(request.responseDefinition, call)
  responses.begin()
  for (let first = true; responses.hasNext; first = false) yield responses.next(first ? seen : undefined)
  responses.end(seen)
}

/** In full duplex a response follows each request; else all follow the last one. */
async function* bidiStream(
  requests: AsyncIterable<BidiStreamRequest>,
  call: CallContext,
): AsyncGenerator<BidiStreamResponse> {
  let responses: ResponseStream | undefined
  let seen: Any[] = []
  let fullDuplex = false
  for await (const request of requests) {
    seen.push(anyOf('BidiStreamRequest', BidiStreamRequest, request))
    if (responses === undefined) {
      responses = new ResponseStream(request.responseDefinition, call)
      fullDuplex = request.fullDuplex
      if (fullDuplex) responses.begin()
    }
    if (!fullDuplex) continue
    if (!responses.hasNext) break
    yield responses.next(seen)
    seen = []
  }
  if (!fullDuplex) responses?.begin()
  for (let first = !fullDuplex; responses?.hasNext === true; first = false) {
    yield responses.next(first ? seen : undefined)
  }
  responses?.end(seen)
}
