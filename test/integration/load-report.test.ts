import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClientReadableStream, status } from '@grpc/grpc-js'
import { hold } from '../../examples/hold/workload.ts'
import { HoldServiceClient } from '../../gen/evenkeel/hold/v1/hold.ts'
import { OrcaLoadReport } from '../../gen/xds/xds/data/orca/v3/orca_load_report.ts'
import {
  OpenRcaServiceClient,
  OpenRcaServiceService,
  OrcaLoadReportRequest,
} from '../../gen/xds/xds/service/orca/v3/orca.ts'
import type { Outcome } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { connect, startService } from '../support/service.ts'

test('the first report comes at once, to a caller that asked for no interval', async () => {
  await using service = await startService(hold)
  using client = connect(OpenRcaServiceClient, service.address)
  const { reports } = follow(client, {})
  await eventually(() => assert.equal(reports.length, 1))
})

test('reports say how busy the workers are, that calls wait, and how many were served', async () => {
  await using service = await startService(hold, '--delay-target-ms=0')
  using client = connect(OpenRcaServiceClient, service.address)
  using calls = holdClient(service.address)
  const { reports } = follow(client, { seconds: 1n })
  await eventually(() => assert.equal(reports.length, 1))
  await Promise.all(Array.from({ length: 20 }, () => holdFor(calls, 1)))
  const stop = new AbortController()
  const held = Array.from({ length: 6 }, () => holdFor(calls, 20_000, { signal: stop.signal }))
  await eventually(() => {
    const last = reports.at(-1)
    assert.ok(last !== undefined && last.rpsFractional > 0, JSON.stringify(last, textOfBigInt))
    // Two workers, six calls: 3 in the end.
    assert.ok(last.applicationUtilization > 1)
    assert.ok(Number(last.utilization['workers']) > 0.5)
    assert.ok(Number(last.namedMetrics['waiting']) > 1)
  })
  stop.abort()
  await Promise.all(held)
})

test('who asks for a report every nanosecond, or a negative time, gets as many as who asks for one a second', async () => {
  await using service = await startService(hold)
  using client = connect(OpenRcaServiceClient, service.address)
  const modest = follow(client, { seconds: 1n })
  const greedy = follow(client, { nanos: 1 })
  const absurd = follow(client, { seconds: -(2n ** 63n) })
  await eventually(() => assert.ok(modest.reports.length >= 3))
  for (const { reports } of [greedy, absurd]) assert.ok(reports.length <= 4, `${reports.length}`)
})

test('a thousand streams that nobody reads hold neither calls nor the drain', async () => {
  await using service = await startService(hold)
  using client = connect(OpenRcaServiceClient, service.address)
  using calls = holdClient(service.address)
  using connection = await rawConnection(service.address)
  const request = frame(Buffer.from(OrcaLoadReportRequest.encode(request1ns).finish()))
  const deaf = Array.from({ length: 1000 }, () => {
    const stream = rawStream(connection, { path: OpenRcaServiceService.streamCoreMetrics.path, paused: true })
    stream.end(request)
    return stream
  })
  await Promise.all(deaf.map((stream) => new Promise((resolve) => stream.once('response', resolve))))
  const { reports, ended } = follow(client, { seconds: 1n })
  await eventually(() => assert.ok(reports.length >= 2))
  assert.equal((await holdFor(calls, 1)).code, status.OK)
  const report = await service.drain()
  assert.equal(report.cutCalls, 0)
  assert.equal(await ended, status.UNAVAILABLE)
})

test('at a drain reports end with UNAVAILABLE while the last call still runs', async () => {
  await using service = await startService(hold)
  using client = connect(OpenRcaServiceClient, service.address)
  using calls = holdClient(service.address)
  const { reports, ended } = follow(client, {})
  await eventually(() => assert.equal(reports.length, 1))
  const stop = new AbortController()
  const running = holdFor(calls, 20_000, { signal: stop.signal })
  await eventually(() => assert.equal(service.pool.busy, 1))
  const drained = service.drain()
  assert.equal(await ended, status.UNAVAILABLE)
  // Nobody opens them again on the old connection.
  assert.equal(await follow(client, {}).ended, status.UNAVAILABLE)
  assert.equal(service.pool.busy, 1)
  stop.abort()
  assert.equal((await running).code, status.CANCELLED)
  assert.equal((await drained).cutCalls, 0)
})

test("gRPC's weighted round robin, told beside the calls, sends most of them to the replica with more workers", async () => {
  await using small = await startService(hold, '--workers=1', '--pod-name=small')
  await using large = await startService(hold, '--workers=6', '--pod-name=large')
  const policy = {
    enable_oob_load_report: true,
    oob_load_reporting_period: '1s',
    blackout_period: '0s',
    weight_update_period: '0.1s',
  }
  using client = connect(HoldServiceClient, `ipv4:${small.address},${large.address}`, {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ weighted_round_robin: policy }] }),
  })
  await eventually(async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => holdFor(client, 20)))
    const toLarge = outcomes.filter(({ trailers }) => trailers.get('evenkeel-pod')[0] === 'large')
    // In turn it would be 6.
    assert.ok(toLarge.length >= 9, `${toLarge.length} of ${outcomes.length}`)
  })
})

test('where it is asked for each answer carries a report, a refusal as well', async () => {
  await using service = await startService(
    hold,
    '--load-trailer',
    '--workers=1',
    '--queue-limit=0',
    '--delay-target-ms=0',
  )
  using client = holdClient(service.address)
  const stop = new AbortController()
  const running = holdFor(client, 20_000, { signal: stop.signal })
  await eventually(async () => {
    const refused = await holdFor(client, 0)
    assert.equal(refused.code, status.RESOURCE_EXHAUSTED)
    assert.equal(refused.hadHeaders, false)
    const { applicationUtilization, rpsFractional, eps } = reportOf(refused)
    assert.ok(applicationUtilization > 0.5, `${applicationUtilization}`)
    assert.ok(eps > 0)
    assert.equal(rpsFractional, 0)
  })
  stop.abort()
  await running
  await eventually(async () => {
    const answered = await holdFor(client, 0)
    assert.equal(answered.code, status.OK)
    assert.ok(reportOf(answered).rpsFractional > 0)
  })
})

const request1ns: OrcaLoadReportRequest = { reportInterval: { seconds: 0n, nanos: 1 }, requestCostNames: [] }

/** Opens a stream of reports and keeps them; `ended` is its status. */
function follow(
  client: OpenRcaServiceClient,
  interval: { seconds?: bigint; nanos?: number },
): { reports: OrcaLoadReport[]; ended: Promise<number> } {
  const asked = Object.keys(interval).length > 0
  const stream: ClientReadableStream<OrcaLoadReport> = client.streamCoreMetrics({
    reportInterval: asked ? { seconds: 0n, nanos: 0, ...interval } : undefined,
    requestCostNames: [],
  })
  const reports: OrcaLoadReport[] = []
  stream.on('data', (report: OrcaLoadReport) => reports.push(report)).on('error', () => {})
  return {
    reports,
    ended: new Promise((resolve) => stream.on('status', ({ code }: { code: number }) => resolve(code))),
  }
}

function reportOf({ trailers }: Outcome<unknown>): OrcaLoadReport {
  const [bytes] = trailers.get('endpoint-load-metrics-bin')
  assert.ok(Buffer.isBuffer(bytes))
  return OrcaLoadReport.decode(bytes)
}

const textOfBigInt = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
