import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

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
