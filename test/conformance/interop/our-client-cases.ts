import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js'
import {
  type Empty,
  type SimpleRequest,
  type SimpleResponse,
  StreamingInputCallResponse,
  type StreamingOutputCallRequest,
  type StreamingOutputCallResponse,
  type TestServiceClient,
  TestServiceService,
  UnimplementedServiceService,
} from '../../../gen/grpc/testing/test.ts'
import { echoed, payloadOf } from './workload.ts'

// The cases of https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md, with their sizes.
const requestSizes = [27_182, 8, 1828, 45_904]
const responseSizes = [31_415, 9, 2653, 58_979]
const large = { request: 271_828, response: 314_159 }
const special = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'

/** What our client does in each case; it throws when the server does not answer as the case wants. */
export const ourClientCases: Record<string, (client: TestServiceClient) => Promise<void>> = {
  empty_unary: async (client) => void (await unary(client, TestServiceService.emptyCall, {})),
  large_unary: async (client) => {
    const { payload } = await unaryCall(client, { responseSize: large.response, payload: payloadOf(large.request) })
    assert.equal(payload?.body.byteLength, large.response)
  },
  client_streaming: async (client) => {
    let answer: StreamingInputCallResponse | undefined
    const call = client.streamingInputCall((_error, response) => void (answer = response))
    const ended = endOf(call)
    for (const size of requestSizes) call.write({ payload: payloadOf(size) })
    call.end()
    assert.equal((await ended).code, status.OK)
    assert.equal(answer?.aggregatedPayloadSize, 74_922)
  },
  server_streaming: async (client) => {
    const call = client.streamingOutputCall(output({ responseSizes }))
    const ended = endOf(call)
    assert.deepEqual(await sizesOf(call), responseSizes)
    assert.equal((await ended).code, status.OK)
  },
  ping_pong: async (client) => {
    const call = client.fullDuplexCall()
    const ended = endOf(call)
    for (const [index, size] of requestSizes.entries()) {
      const wanted = responseSizes[index] as number
      call.write(output({ responseSizes: [wanted], payloadSize: size }))
      const [response] = (await once(call, 'data')) as [StreamingOutputCallResponse]
      assert.equal(response.payload?.body.byteLength, wanted)
    }
    call.end()
    assert.equal((await ended).code, status.OK)
  },
  empty_stream: async (client) => {
    const call = client.fullDuplexCall()
    const ended = endOf(call)
    call.end()
    assert.deepEqual(await sizesOf(call), [])
    assert.equal((await ended).code, status.OK)
  },
  custom_metadata: async (client) => {
    const metadata = new Metadata()
    metadata.set(echoed.headers, 'test_initial_metadata_value')
    metadata.set(echoed.trailers, Buffer.from([0xab, 0xab, 0xab]))
    const call = client.fullDuplexCall(metadata)
    const ended = endOf(call)
    const headers = once(call, 'metadata') as Promise<[Metadata]>
    call.write(output({ responseSizes: [1] }))
    call.end()
    call.resume()
    assert.deepEqual((await headers)[0].get(echoed.headers), ['test_initial_metadata_value'])
    assert.deepEqual((await ended).metadata.get(echoed.trailers), [Buffer.from([0xab, 0xab, 0xab])])
  },
  status_code_and_message: async (client) => {
    const responseStatus = { code: status.UNKNOWN, message: 'test status message' }
    await failsAs(unaryCall(client, { responseStatus }), responseStatus)
    const call = client.fullDuplexCall()
    const ended = endOf(call)
    call.end({ ...output({}), responseStatus })
    call.resume()
    const { code, details } = await ended
    assert.deepEqual({ code, message: details }, responseStatus)
  },
  special_status_message: async (client) => {
    const responseStatus = { code: status.UNKNOWN, message: special }
    await failsAs(unaryCall(client, { responseStatus }), responseStatus)
  },
  unimplemented_method: async (client) =>
    failsAs(unary(client, TestServiceService.unimplementedCall, {}), { code: status.UNIMPLEMENTED }),
  unimplemented_service: async (client) =>
    failsAs(unary(client, UnimplementedServiceService.unimplementedCall, {}), { code: status.UNIMPLEMENTED }),
  cancel_after_begin: async (client) => {
    const call = client.streamingInputCall(() => {})
    const ended = endOf(call)
    call.cancel()
    assert.equal((await ended).code, status.CANCELLED)
  },
  cancel_after_first_response: async (client) => {
    const call = client.fullDuplexCall()
    const ended = endOf(call)
    call.write(output({ responseSizes: [31_415], payloadSize: 27_182 }))
    await once(call, 'data')
    call.cancel()
    assert.equal((await ended).code, status.CANCELLED)
  },
  timeout_on_sleeping_server: async (client) => {
    const call = client.fullDuplexCall(new Metadata(), { deadline: Date.now() + 1 })
    const ended = endOf(call)
    call.write(output({ payloadSize: 27_182 }))
    call.resume()
    assert.equal((await ended).code, status.DEADLINE_EXCEEDED)
  },
}

/** How a call ended. */
interface End {
  code: status
  details: string
  metadata: Metadata
}

/** A call as far as its end goes. */
interface Endable {
  on(event: 'status', listener: (end: End) => void): unknown
  on(event: 'error', listener: () => void): unknown
}

function endOf(call: Endable): Promise<End> {
  // An error is a status as well.
  call.on('error', () => {})
  return new Promise((resolve) => void call.on('status', resolve))
}

async function sizesOf(call: AsyncIterable<StreamingOutputCallResponse>): Promise<number[]> {
  const sizes: number[] = []
  for await (const { payload } of call) sizes.push(payload?.body.byteLength ?? 0)
  return sizes
}

function output(wanted: { responseSizes?: readonly number[]; payloadSize?: number }): StreamingOutputCallRequest {
  return {
    responseType: 0,
    responseParameters: (wanted.responseSizes ?? []).map((size) => ({ size, intervalUs: 0 })),
    payload: wanted.payloadSize === undefined ? undefined : payloadOf(wanted.payloadSize),
    responseStatus: undefined,
  }
}

function unaryCall(client: TestServiceClient, request: Partial<SimpleRequest>): Promise<SimpleResponse> {
  const unsaid: SimpleRequest = {
    responseType: 0,
    responseSize: 0,
    payload: undefined,
    responseStatus: undefined,
    fillServerId: false,
  }
  return unary(client, TestServiceService.unaryCall, { ...unsaid, ...request })
}

function unary<Request extends SimpleRequest | Empty, Response>(
  client: TestServiceClient,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
      if (error) reject(error)
      else resolve(response as Response)
    })
  })
}

async function failsAs(answer: Promise<unknown>, wanted: { code: status; message?: string }): Promise<void> {
  await assert.rejects(answer, (error: ServiceError) => {
    assert.equal(error.code, wanted.code)
    if (wanted.message !== undefined) assert.equal(error.details, wanted.message)
    return true
  })
}
