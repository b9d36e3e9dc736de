import { setTimeout as pause } from 'node:timers/promises'
import { Metadata } from '@grpc/grpc-js'
import type { CallContext } from '../../../chassis/workload.ts'
import type { ConformancePayload, UnaryResponseDefinition } from '../../../gen/connectrpc/conformance/v1/service.ts'
import type { Any } from '../../../gen/google/protobuf/any.ts'
import { addHeaders } from './headers.ts'
import { errorOf, requestInfo } from './request-info.ts'

/** Answers a call of one response as its definition says; throws the error that it asks for. */
export async function singleResponse(
  definition: UnaryResponseDefinition | undefined,
  requests: Any[],
  call: CallContext,
): Promise<{ payload: ConformancePayload }> {
  const info = requestInfo(call, requests)
  if (definition === undefined) return { payload: { data: Buffer.alloc(0), requestInfo: info } }
  const { response, responseHeaders, responseTrailers, responseDelayMs } = definition
  addHeaders(call.trailers, responseTrailers)
  // Without headers of its own an error is Trailers-Only.
  if (responseHeaders.length > 0) call.sendHeaders(addHeaders(new Metadata(), responseHeaders))
  if (responseDelayMs > 0) await pause(responseDelayMs, undefined, { signal: call.signal })
  if (response?.$case === 'error') throw errorOf(response.value, info)
  return { payload: { data: response?.value ?? Buffer.alloc(0), requestInfo: info } }
}
