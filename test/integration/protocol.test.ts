import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { OutgoingHttpHeaders } from 'node:http2'
import { CheckPrimeRequest, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { frame, rawCall, rawConnection } from '../support/raw-http2.ts'
import { startService } from '../support/service.ts'

const { path } = PrimesServiceService.checkPrime
const request = (number: string): Buffer => Buffer.from(CheckPrimeRequest.encode({ number }).finish())

/** One call without any client of gRPC. */
async function ask(body: Buffer, headers: OutgoingHttpHeaders = {}) {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  return await rawCall(session, { path, body, headers })
}

test('a call that went well says so by its status alone, without a message', async () => {
  const { headers } = await ask(frame(request('7')))
  assert.equal(headers['grpc-status'], '0')
  assert.equal(headers['grpc-message'], '')
})

test('binary trailers are sent without padding', async () => {
  const padded = new Set<boolean>()
  for (const wrong of ['a', 'aa', 'aaa']) {
    const { headers } = await ask(frame(request(wrong)))
    assert.equal(headers['grpc-status'], '3')
    const sent = String(headers['grpc-status-details-bin'])
    assert.match(sent, /^[A-Za-z0-9+/]+$/)
    padded.add(sent.length % 4 !== 0)
  }
  // Otherwise none would have needed padding.
  assert.ok(padded.has(true))
})

test('requests by another method than POST get 405 and the method that is right', async () => {
  for (const method of ['GET', 'DELETE', 'PUT']) {
    const { headers, rstCode } = await ask(frame(request('7')), { ':method': method })
    assert.deepEqual([headers[':status'], headers['allow'], rstCode], [405, 'POST', 0])
  }
})

test('types of content that are not gRPC with protobuf get 415, those that are get an answer', async () => {
  for (const type of ['application/grpc+json', 'application/grpc-web', 'application/grpcx', 'text/plain', '']) {
    const { headers, rstCode } = await ask(frame(request('7')), { 'content-type': type })
    assert.deepEqual([headers[':status'], rstCode], [415, 0], type)
  }
  for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8']) {
    const { headers } = await ask(frame(request('7')), { 'content-type': type })
    assert.equal(headers['grpc-status'], '0', type)
  }
})

test('a compression that the replica does not have is UNIMPLEMENTED, also where no message is compressed', async () => {
  const { headers } = await ask(frame(request('7')), { 'grpc-encoding': 'zstd' })
  assert.equal(headers['grpc-status'], '12')
  const message = decodeURI(String(headers['grpc-message']))
  assert.equal(message, 'grpc-encoding: "zstd" is none of identity, gzip, deflate')
})

test('a compressed message without an encoding is INTERNAL, one with its encoding is read', async () => {
  const compressed = frame(gzipSync(request('7')), true)
  const unannounced = await ask(compressed)
  assert.equal(unannounced.headers['grpc-status'], '13')
  assert.match(String(unannounced.headers['grpc-message']), /grpc-encoding/)
  assert.equal((await ask(compressed, { 'grpc-encoding': 'gzip' })).headers['grpc-status'], '0')
})
