import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { peakMb } from '../bench/process-cost.ts'
import { type Change, needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { type Bystander, startBystander } from '../support/floods/bystander.ts'
import { startFlood } from '../support/floods/flood.ts'
import type { FloodName } from '../support/floods/kinds.ts'
import { startHoldProcess } from '../support/hold.ts'
import { frame } from '../support/raw-http2.ts'

const { path } = HoldServiceService.hold
const lastCall = frame(Buffer.from(HoldRequest.encode({ milliseconds: 0, compute: false }).finish())).toString('base64')
/** Most that one of these connections may add to the memory of Envoy, in MB. */
const mostMoreMb = 32
const patience = { withinMs: 60_000, everyMs: 100 }

/** How often something is sent, and what Envoy counts when it closes the connection for it. */
const closed: [FloodName, number, string][] = [
  ['rapid-reset', 10_000, 'http.grpc.downstream_rq_too_many_premature_resets'],
  ['made-you-reset', 10_000, 'http.grpc.downstream_cx_protocol_error'],
  ['continuation', 10_000, 'http2.header_list_size_too_large'],
  ['empty-continuation', 10_000, 'http2.inbound_empty_frames_flood'],
  ['settings', 10_000, 'http2.outbound_control_flood'],
  ['ping', 10_000, 'http2.outbound_control_flood'],
  ['empty-data', 10_000, 'http2.inbound_empty_frames_flood'],
  ['empty-headers', 10_000, 'http2.rx_messaging_error'],
  ['priority', 10_000, 'http2.inbound_priority_frames_flood'],
  ['window-update', 10_000, 'http2.inbound_window_update_frames_flood'],
  ['hpack-bomb', 1000, 'http2.header_list_size_too_large'],
  ['many-headers', 1000, 'http2.header_overflow'],
  ['huge-header', 1000, 'http2.header_list_size_too_large'],
  ['bad-path', 1000, 'http2.rx_messaging_error'],
  ['bad-frame', 1000, 'http.grpc.downstream_cx_protocol_error'],
  ['garbage', 1000, 'http.grpc.downstream_cx_protocol_error'],
]

for (const [name, count, stat] of closed) {
  test(
    `${count} times ${name} through Envoy: the connection is closed, no other call is lost`,
    needsEnvoy,
    async () => {
      await using replica = await startHoldProcess()
      await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint] })
      await using bystander = await startBystander(envoy.target)
      const before = await peakMb(envoy.pid)
      await using flood = startFlood({ name, address: envoy.target, path, count, lastCall })
      assert.equal((await flood.ended).messages, 0)
      assertNoneLost(await bystander.stop())
      await assertBounded(envoy, before + mostMoreMb)
      assert.ok((await envoy.stat(stat)) > 0, `${stat} is 0`)
    },
  )
}

for (const [name, count] of [
  ['gzip-bomb', 30],
  ['malformed-gzip', 200],
] as const) {
  test(`${count} times ${name} through Envoy costs only the calls themselves`, needsEnvoy, async () => {
    await using replica = await startHoldProcess()
    await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint] })
    await using bystander = await startBystander(envoy.target)
    const before = await peakMb(envoy.pid)
    await using flood = startFlood({ name, address: envoy.target, path, count, lastCall })
    await eventually(async () => assert.equal((await flood.report()).messages, 1), patience)
    assertNoneLost(await bystander.stop())
    await assertBounded(envoy, before + mostMoreMb)
  })
}

test('connections that say nothing are closed when they have lasted long enough', needsEnvoy, async () => {
  await using replica = await startHoldProcess()
  await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint], config: { maxConnectionSeconds: 2 } })
  const silent = { name: 'silent', address: envoy.target, path, count: 1, connections: 500 } as const
  await using flood = startFlood(silent)
  assert.equal((await flood.ended).closed, 500)
})

test('headers that never end are given up after five seconds', needsEnvoy, async () => {
  assert.ok((await unendedHeaders([])) > 0)
})

test('by default headers that never end hold their stream', needsEnvoy, async () => {
  const without: Change = { in: 'connectionManager', at: 'request_headers_timeout', to: undefined }
  assert.equal(await unendedHeaders([without]), 0)
})

test(
  '10000 connections are too many: callers who were there before lose no call, readiness is told',
  needsEnvoy,
  async () => {
    await using replica = await startHoldProcess()
    await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint] })
    await using bystander = await startBystander(envoy.target)
    const before = await peakMb(envoy.pid)
    const silent = { name: 'silent', address: envoy.target, path, count: 1, connections: 10_001 } as const
    await using flood = startFlood(silent)
    await eventually(async () => assert.ok((await flood.report()).closed >= 2), patience)
    assert.equal((await fetch(`${envoy.readyUrl}/ready`)).status, 200)
    assertNoneLost(await bystander.stop())
    await assertBounded(envoy, before + 256)
    assert.ok(
      (await envoy.stat('listener.127.0.0.1_' + envoy.target.split(':')[1] + '.downstream_global_cx_overflow')) > 0,
    )
  },
)

/** Streams whose headers had not ended and that were reset within twice the time for headers. */
async function unendedHeaders(changes: Change[]): Promise<number> {
  await using replica = await startHoldProcess()
  await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint], changes })
  // One HEADERS without END_HEADERS, and never more.
  await using flood = startFlood({ name: 'continuation', address: envoy.target, path, count: 1 })
  await flood.sentAll
  const given = Promise.race([flood.ended, new Promise((resolve) => setTimeout(resolve, 10_000).unref())])
  await given
  return (await flood.report()).closed + (await envoy.stat('http.grpc.downstream_rq_4xx'))
}

function assertNoneLost({ codes }: Awaited<ReturnType<Bystander['stop']>>): void {
  assert.ok((codes.get(status.OK) ?? 0) > 11)
  assert.equal(codes.size, 1, `codes ${[...codes.keys()].join(', ')}`)
}

async function assertBounded(envoy: TestEnvoy, mostMb: number): Promise<void> {
  const peak = await peakMb(envoy.pid)
  assert.ok(peak < mostMb, `${peak} MB are more than ${mostMb}`)
}
