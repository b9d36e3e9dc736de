import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { peakMb } from '../bench/process-cost.ts'
import { eventually } from '../support/eventually.ts'
import { type ExportingReplica, startExportingReplica } from '../support/exporting-replica.ts'
import { type Bystander, startBystander } from '../support/floods/bystander.ts'
import { type FloodReport, startFlood } from '../support/floods/flood.ts'
import type { FloodName } from '../support/floods/kinds.ts'
import { frame } from '../support/raw-http2.ts'

const { path } = HoldServiceService.hold
const lastCall = frame(Buffer.from(HoldRequest.encode({ milliseconds: 0, compute: false }).finish())).toString('base64')
/** Most that a flood may add to the memory of a replica, in MB: with the 142 before it below the 512 of the chart. */
const mostMoreMb = 300

/** How often something is sent, and what becomes of its connection: a call that is refused costs only itself. */
const floods: [FloodName, number, 'is closed' | 'goes on'][] = [
  ['rapid-reset', 10_000, 'goes on'],
  ['made-you-reset', 10_000, 'is closed'],
  ['continuation', 10_000, 'is closed'],
  ['empty-continuation', 10_000, 'is closed'],
  ['settings', 10_000, 'is closed'],
  ['ping', 10_000, 'is closed'],
  ['empty-data', 10_000, 'goes on'],
  // Above 1000 at once it is chance whether nghttp2 takes the call after them for one stream too many.
  ['empty-headers', 900, 'goes on'],
  ['priority', 10_000, 'goes on'],
  ['window-update', 10_000, 'goes on'],
  ['hpack-bomb', 1000, 'goes on'],
  ['many-headers', 1000, 'goes on'],
  ['huge-header', 1000, 'goes on'],
  ['gzip-bomb', 30, 'goes on'],
  ['malformed-gzip', 200, 'goes on'],
  ['large-message', 50, 'goes on'],
  ['bad-path', 5000, 'goes on'],
  ['bad-frame', 1000, 'is closed'],
  ['garbage', 1000, 'is closed'],
]

for (const [name, count, end] of floods) {
  test(`${count} times ${name} on one connection: it ${end}, and no call beside it is lost`, async () => {
    await using replica = await startExportingReplica({})
    await using bystander = await startBystander(replica.address)
    const before = await peakMb(replica.pid)
    await using flood = startFlood({ name, address: replica.address, path, count, lastCall })
    await (end === 'is closed' ? flood.ended : eventually(async () => answered(await flood.report()), patience))
    assertNoneLost(await bystander.stop())
    const more = (await peakMb(replica.pid)) - before
    assert.ok(more < mostMoreMb, `${more} MB more than before`)
    if (end === 'is closed') await assertTold(replica)
  })
}

test('10000 calls that are reset at once are all counted as ended', async () => {
  await using replica = await startExportingReplica({})
  await using flood = startFlood({ name: 'rapid-reset', address: replica.address, path, count: 10_000, lastCall })
  await eventually(async () => answered(await flood.report()), patience)
  await eventually(async () => {
    const counts = (await replica.metrics()).matchAll(/^grpc_server_call_duration_count\{.*\} (\d+)$/gm)
    assert.equal(
      [...counts].reduce((sum, [, count]) => sum + Number(count), 0),
      10_001,
    )
  })
})

test('connections that say nothing are ended, and no call beside them is lost', async () => {
  await using replica = await startExportingReplica({}, '--keepalive-ms=100', '--keepalive-timeout-ms=2000')
  await using bystander = await startBystander(replica.address)
  const silent = { name: 'silent', address: replica.address, path, count: 1, connections: 500 } as const
  await using flood = startFlood(silent)
  const { closed } = await flood.ended
  assert.equal(closed, 500)
  assertNoneLost(await bystander.stop())
})

test('twice the connections that may be open: a caller who was there before loses no call', async () => {
  await using replica = await startExportingReplica({}, '--max-connections=500')
  await using bystander = await startBystander(replica.address)
  const silent = { name: 'silent', address: replica.address, path, count: 1, connections: 1000 } as const
  await using flood = startFlood(silent)
  await eventually(async () => assert.equal((await flood.report()).closed, 501))
  assertNoneLost(await bystander.stop())
  assert.match(await replica.metrics(), /^evenkeel_connections_refused_total\{evenkeel_reason="limit"\} 501$/m)
})

const patience = { withinMs: 60_000, everyMs: 100 }

function answered({ messages }: FloodReport): void {
  assert.equal(messages, 1)
}

function assertNoneLost({ codes }: Awaited<ReturnType<Bystander['stop']>>): void {
  assert.ok((codes.get(status.OK) ?? 0) > 11)
  assert.equal(codes.size, 1, `codes ${[...codes.keys()].join(', ')}`)
}

/** An operator finds the end of a connection in metrics and log. */
async function assertTold(replica: ExportingReplica): Promise<void> {
  await eventually(async () => {
    assert.match(await replica.metrics(), /^evenkeel_connections_refused_total\{evenkeel_reason="protocol"\} 1$/m)
    const line = replica.log().find(({ msg }) => msg === 'connection refused')
    assert.equal(line?.['reason'], 'protocol')
  })
}
