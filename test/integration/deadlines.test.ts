import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { hold } from '../../examples/hold/workload.ts'
import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { frame, rawCall, rawConnection, rawStream } from '../support/raw-http2.ts'
import { startService } from '../support/service.ts'

const path = HoldServiceService.hold.path
const body = (milliseconds: number): Buffer =>
  frame(Buffer.from(HoldRequest.encode({ milliseconds, compute: false }).finish()))

test('a call without a deadline gets the default one', async () => {
  await using service = await startService(hold, '--default-deadline-ms=50')
  using client = holdClient(service.address)
  const { code, details } = await holdFor(client, 5000)
  assert.equal(code, status.DEADLINE_EXCEEDED)
  assert.match(details, /not finished within 50 ms$/)
})

test('a longer deadline than the maximum is cut down to it, and the message says so', async () => {
  await using service = await startService(hold, '--default-deadline-ms=50', '--max-deadline-ms=80')
  using client = holdClient(service.address)
  const { code, details } = await holdFor(client, 5000, { timeoutMs: 60_000 })
  assert.equal(code, status.DEADLINE_EXCEEDED)
  assert.match(details, /within 80 ms, the most this service allows/)
})

for (const absurd of ['99999999H', '99999999S', '2147484S']) {
  test(`the absurd deadline ${absurd} counts as the maximum and does not end the call at once`, async () => {
    await using service = await startService(hold)
    using session = await rawConnection(service.address)
    const answer = await rawCall(session, { path, body: body(20), headers: { 'grpc-timeout': absurd } })
    assert.equal(answer.headers['grpc-status'], '0')
  })
}

for (const past of ['0n', '0S', '1n']) {
  test(`the deadline ${past} is past when it arrives: DEADLINE_EXCEEDED, and no worker is held`, async () => {
    await using service = await startService(hold)
    using session = await rawConnection(service.address)
    const answer = await rawCall(session, { path, body: body(10_000), headers: { 'grpc-timeout': past } })
    assert.equal(answer.headers['grpc-status'], String(status.DEADLINE_EXCEEDED))
    assert.equal(service.pool.inFlight, 0)
  })
}

for (const wrong of ['soon', '123456789S', '-1S', '1', '1.5S']) {
  test(`the malformed deadline ${wrong} is INVALID_ARGUMENT and names the header`, async () => {
    await using service = await startService(hold)
    using session = await rawConnection(service.address)
    const answer = await rawCall(session, { path, body: body(1), headers: { 'grpc-timeout': wrong } })
    assert.equal(answer.headers['grpc-status'], String(status.INVALID_ARGUMENT))
    assert.match(decodeURI(String(answer.headers['grpc-message'])), /^grpc-timeout: /)
  })
}

test('a worker whose call ran out of time takes the next one at once', async () => {
  await using service = await startService(hold, '--workers=1', '--delay-target-ms=0')
  using client = holdClient(service.address)
  assert.equal((await holdFor(client, 30_000, { timeoutMs: 50 })).code, status.DEADLINE_EXCEEDED)
  const next = await holdFor(client, 1)
  assert.equal(next.code, status.OK)
  assert.ok(Number(next.trailers.get('evenkeel-queue-ms')[0]) < 5000)
})

test('a caller that does not read its answer loses the call soon after its deadline', { timeout: 20_000 }, async () => {
  await using service = await startService(hold, '--default-deadline-ms=100')
  const session = connectHttp2(`http://${service.address}`, { settings: { initialWindowSize: 0 } })
  await once(session, 'connect')
  const stream = rawStream(session, { path, paused: true })
  stream.end(body(1))
  assert.equal((await stream.answer).rstCode, constants.NGHTTP2_CANCEL)
  session.destroy()
})
