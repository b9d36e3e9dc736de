import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { CheckPrimeRequest, PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary, richDetails } from '../support/call.ts'
import { frame, rawCall, rawConnection } from '../support/raw-http2.ts'
import { connect, startService } from '../support/service.ts'

const path = PrimesServiceService.checkPrime.path
const valid = frame(Buffer.from(CheckPrimeRequest.encode({ number: '97' }).finish()))
const answered = { ':status': 200, 'grpc-status': '0' }

/** What is sent, and what is answered; the connection must go on after each. */
const hostile: {
  title: string
  body?: Buffer
  headers?: Record<string, string>
  grpcStatus: status
  message: RegExp
  pushback?: string
}[] = [
  {
    title: 'bytes that are no protobuf',
    body: frame(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07])),
    grpcStatus: status.INVALID_ARGUMENT,
    message: /request body: 5 bytes are not a request of CheckPrime/,
  },
  {
    title: 'a body over the limit',
    body: frame(Buffer.alloc(65_537)),
    grpcStatus: status.RESOURCE_EXHAUSTED,
    message: /request body: over 65536 bytes/,
    pushback: '-1',
  },
  {
    title: 'a gzip bomb',
    body: frame(gzipSync(Buffer.alloc(50_000_000)), true),
    headers: { 'grpc-encoding': 'gzip' },
    grpcStatus: status.RESOURCE_EXHAUSTED,
    message: /over 65536 bytes, also when decompressed/,
    pushback: '-1',
  },
  {
    title: 'a body that says gzip and is not',
    body: frame(Buffer.from('not gzip'), true),
    headers: { 'grpc-encoding': 'gzip' },
    grpcStatus: status.INVALID_ARGUMENT,
    message: /cannot be decompressed/,
  },
  {
    title: 'a compression that nobody knows',
    body: frame(Buffer.from('x'), true),
    headers: { 'grpc-encoding': 'snappy' },
    grpcStatus: status.UNIMPLEMENTED,
    message: /snappy/,
  },
  { title: 'a half-close without a message', grpcStatus: status.UNIMPLEMENTED, message: /no request message/ },
  {
    title: 'two messages where one belongs',
    body: Buffer.concat([valid, valid]),
    grpcStatus: status.UNIMPLEMENTED,
    message: /second request message/,
  },
]

for (const { title, body, headers, grpcStatus, message, pushback } of hostile) {
  test(`${title} gets its status, and the next call on the connection works`, async () => {
    await using service = await startService(primes)
    using session = await rawConnection(service.address)
    const answer = await rawCall(session, { path, ...(body ? { body } : {}), ...(headers ? { headers } : {}) })
    assert.equal(answer.headers['grpc-status'], String(grpcStatus))
    assert.match(decodeURI(String(answer.headers['grpc-message'])), message)
    assert.equal(answer.headers['grpc-retry-pushback-ms'], pushback)
    assert.equal(answer.headers['evenkeel-pod'], 'test-pod')
    const next = await rawCall(session, { path, body: valid })
    assert.partialDeepStrictEqual(next.headers, answered)
  })
}

test('a method that does not exist is UNIMPLEMENTED and says who answered', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const answer = await rawCall(session, { path: '/evenkeel.primes.v1.PrimesService/Guess', body: valid })
  assert.equal(answer.headers['grpc-status'], String(status.UNIMPLEMENTED))
  assert.equal(answer.headers['evenkeel-pod'], 'test-pod')
})

test('three hundred header bombs on one connection are refused one by one, and a call beside them is answered', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const bomb = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`bomb-${index}`, 'x'.repeat(1000)]))
  for (let round = 0; round < 300; round += 1) {
    const answer = await rawCall(session, { path, body: valid, headers: bomb })
    assert.notEqual(answer.headers['grpc-status'], '0')
  }
  assert.partialDeepStrictEqual((await rawCall(session, { path, body: valid })).headers, answered)
})

test('a header bomb is refused before the caller has confirmed the bound', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  // Few and large: the number of headers is bound from the start.
  const bomb = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`bomb-${index}`, 'x'.repeat(1000)]))
  const first = await rawCall(session, { path, body: valid, headers: bomb })
  assert.equal(first.headers['grpc-status'], undefined)
  assert.equal(first.rstCode, constants.NGHTTP2_ENHANCE_YOUR_CALM)
  assert.partialDeepStrictEqual((await rawCall(session, { path, body: valid })).headers, answered)
})

test('a caller cannot set the header that carries the deadline inside', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const answer = await rawCall(session, { path, body: valid, headers: { 'evenkeel-grpc-timeout': '1n' } })
  assert.partialDeepStrictEqual(answer.headers, answered)
})

test('an invalid number is INVALID_ARGUMENT, and BadRequest names the field', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const { code, details, trailers } = await callUnary(client, PrimesServiceService.checkPrime, {
    request: { number: '١٢٣\ud800' },
  })
  assert.equal(code, status.INVALID_ARGUMENT)
  assert.match(details, /^number: /)
  const [violation] = richDetails(trailers).badRequest?.fieldViolations ?? []
  assert.equal(violation?.field, 'number')
})
