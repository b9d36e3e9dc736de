import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { defineWorkload, moduleBeside } from '../../chassis/workload.ts'
import { startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { startService } from '../support/service.ts'
import { textMethod } from '../support/text-method.ts'

test('a replica sees the deadline of the caller, but none beyond 30 s', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  using caller = openCaller(envoy.target)
  await caller.call({ deadlineMs: 20_000 })
  assert.ok(backend.lastTimeLeftMs <= 20_000 && backend.lastTimeLeftMs > 0, `${backend.lastTimeLeftMs}`)
  await caller.call({ deadlineMs: 3_600_000 })
  assert.ok(backend.lastTimeLeftMs <= 30_000 && backend.lastTimeLeftMs > 20_000, `${backend.lastTimeLeftMs}`)
})

test('a call without a deadline ends with DEADLINE_EXCEEDED at the maximum', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { hold: true })
  const maximum: Change = { in: 'route', at: 'max_stream_duration/max_stream_duration', to: '0.3s' }
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], changes: [maximum] })
  using caller = openCaller(envoy.target)
  assert.equal((await caller.call()).code, status.DEADLINE_EXCEEDED)
})

const BeginningService = {
  begin: textMethod('/test.v1.BeginningService/Begin', { requestStream: false, responseStream: true }),
} as const

/** Streams that begin and do not go on. */
const beginning = defineWorkload({
  name: 'beginning',
  service: BeginningService,
  handlers: {
    begin: async function* (_, { signal }) {
      yield 'begun'
      await once(signal, 'abort')
    },
  },
  tasks: moduleBeside('../support/tasks/fails', import.meta.url),
  idempotent: true,
})

test(
  'a stream that has begun is ended by its replica in time, where Envoy could only reset it',
  needsEnvoy,
  async () => {
    await using replica = await startService(beginning)
    await using envoy = await startTestEnvoy({ endpoints: [{ address: '127.0.0.1', port: replica.ports.grpc }] })
    await eventually(async () => assert.equal((await envoy.hosts())[0]?.healthy, true))
    // No client of gRPC, which has a timer of its own.
    using session = await rawConnection(envoy.target)
    const stream = rawStream(session, { path: BeginningService.begin.path, headers: { 'grpc-timeout': '1500m' } })
    stream.end(frame(Buffer.from('')))
    const { headers, rstCode, messages } = await stream.answer
    assert.deepEqual(messages.map(String), ['begun'])
    assert.deepEqual([headers['grpc-status'], rstCode], [String(status.DEADLINE_EXCEEDED), 0])
  },
)

test('a caller whose calls all miss their deadlines keeps its connection', needsEnvoy, async () => {
  assert.equal((await missDeadlines([])).long, status.OK)
})

test(
  'if Envoy ignored deadlines, callers would reset: that looks like an attack and costs the connection',
  needsEnvoy,
  async () => {
    assert.equal((await missDeadlines([withoutOffset, withoutHeader])).long, status.UNAVAILABLE)
  },
)

test('if Envoy answered only at the deadline, callers would reset some calls first', needsEnvoy, async () => {
  assert.ok((await missDeadlines([withoutOffset])).resets > 0)
})

const withoutOffset: Change = { in: 'route', at: 'max_stream_duration/grpc_timeout_header_offset', to: undefined }
const withoutHeader: Change = { in: 'route', at: 'max_stream_duration/grpc_timeout_header_max', to: undefined }

/** How one long call ends while 600 others of the same connection, 30 at a time, miss their deadline, and how many of those were reset. */
async function missDeadlines(changes: Change[]): Promise<{ long: status; resets: number }> {
  await using backend = await startBackend('backend', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], changes })
  using caller = openCaller(envoy.target)
  const long = caller.call()
  await eventually(() => assert.equal(backend.inFlight, 1))
  for (let batch = 0; batch < 20; batch += 1) await caller.callAtOnce(30, { deadlineMs: 60 })
  const resets = await envoy.stat('http.grpc.downstream_rq_rx_reset')
  backend.release()
  return { long: (await long).code, resets }
}
