import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata, status } from '@grpc/grpc-js'
import { RetryInfo } from '../gen/google/rpc/error_details.ts'
import { Any } from '../gen/google/protobuf/any.ts'
import { Status } from '../gen/google/rpc/status.ts'
import { Resumption } from './resumption.ts'

const failure = (code: status, details = 'cut', metadata = new Metadata()) => ({ code, details, metadata })

test('a stream that brought something is taken up at once', () => {
  const resumption = new Resumption()
  for (const code of [status.UNAVAILABLE, status.INTERNAL, status.CANCELLED, status.DEADLINE_EXCEEDED]) {
    assert.equal(resumption.pauseMs(failure(code), true), 0)
  }
})

test('pauses double while nothing comes, and the sixth failure in a row stands', () => {
  const resumption = new Resumption()
  const pauses = Array.from({ length: 6 }, () => resumption.pauseMs(failure(status.UNAVAILABLE), false))
  assert.deepEqual(pauses, [100, 200, 400, 800, 1600, undefined])
})

test('progress forgives the failures before it', () => {
  const resumption = new Resumption()
  for (let count = 0; count < 5; count += 1) resumption.pauseMs(failure(status.UNAVAILABLE), false)
  assert.equal(resumption.pauseMs(failure(status.UNAVAILABLE), true), 0)
  assert.equal(resumption.pauseMs(failure(status.UNAVAILABLE), false), 200)
})

test('what another try cannot change stands at once', () => {
  const codes = [status.INVALID_ARGUMENT, status.UNIMPLEMENTED, status.RESOURCE_EXHAUSTED]
  for (const code of codes) assert.equal(new Resumption().pauseMs(failure(code), true), undefined)
  for (const code of [status.INTERNAL, status.DEADLINE_EXCEEDED]) {
    assert.equal(new Resumption().pauseMs(failure(code), false), undefined)
  }
})

test('where nothing was ever reached, a failed connect stands; later it is a replica that restarts', () => {
  const refused = failure(status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:1')
  const resumption = new Resumption()
  assert.equal(resumption.pauseMs(refused, false), undefined)
  assert.equal(resumption.pauseMs(failure(status.UNAVAILABLE), true), 0)
  assert.equal(resumption.pauseMs(refused, false), 200)
  const byRoundRobin = { ...refused, details: `round_robin: ${refused.details}` }
  assert.equal(new Resumption().pauseMs(byRoundRobin, false), undefined)
})

test('a full service is asked again when it says', () => {
  const info = RetryInfo.encode({ retryDelay: { seconds: 1n, nanos: 500_000_000 } }).finish()
  const details = [Any.fromPartial({ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: Buffer.from(info) })]
  const metadata = new Metadata()
  const rich = Status.encode({ code: status.RESOURCE_EXHAUSTED, message: 'full', details }).finish()
  metadata.set('grpc-status-details-bin', Buffer.from(rich))
  assert.equal(new Resumption().pauseMs(failure(status.RESOURCE_EXHAUSTED, 'full', metadata), false), 1500)
})
