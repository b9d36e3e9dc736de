import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { Client, status } from '@grpc/grpc-js'
import { HealthService } from '../../gen/health/v1/health.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { startExportingReplica } from '../support/exporting-replica.ts'
import { handlesClose } from '../support/handles-close.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { connect } from '../support/service.ts'

const method = 'evenkeel.hold.v1.HoldService/Hold'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpanId = 'b7ad6b7169203331'
const metadata = { traceparent: `00-${traceId}-${callerSpanId}-01` }

afterEach(handlesClose)

test("a call leaves spans of its waiting and computing in the caller's trace, and a line with the trace id", async () => {
  await using collector = await startOtlpCollector()
  await using replica = await startExportingReplica(collector.environment, '--access-log=all')
  using client = holdClient(replica.address)
  const { code } = await holdFor(client, 20, { metadata })
  const exitCode = await replica.stop()

  assert.deepEqual([code, exitCode], [status.OK, 0])
  const byName = new Map(collector.spans.map((span) => [span.name, span]))
  const [call, queue, compute] = [method, 'queue', 'compute'].map((name) => byName.get(name))
  assert.ok(call && queue && compute)
  assert.deepEqual([call.traceId, call.parentSpanId], [traceId, callerSpanId])
  assert.deepEqual([queue.parentSpanId, compute.parentSpanId], [call.spanId, call.spanId])
  assert.ok(call.startTimeUnixNano <= queue.startTimeUnixNano)
  assert.equal(queue.endTimeUnixNano, compute.startTimeUnixNano)
  assert.ok(compute.endTimeUnixNano - compute.startTimeUnixNano >= 20_000_000n)
  assert.ok(compute.endTimeUnixNano <= call.endTimeUnixNano)
  const line = replica.log().find(({ msg }) => msg === 'call')
  assert.deepEqual(
    [line?.['method'], line?.['status'], line?.['worker'], line?.['traceId']],
    [method, 'OK', '0', traceId],
  )
})

test('the span of a call that its caller gave up ends as CANCELLED, of one that took too long as DEADLINE_EXCEEDED', async () => {
  await using collector = await startOtlpCollector()
  await using replica = await startExportingReplica(collector.environment, '--default-deadline-ms=300')
  using client = holdClient(replica.address)
  const caller = new AbortController()
  const givenUp = holdFor(client, 30_000, { signal: caller.signal, timeoutMs: 30_000 })
  await eventually(async () => assert.match(await replica.metrics(), /^evenkeel_workers_busy 1$/m))
  caller.abort()
  await givenUp
  await holdFor(client, 30_000)
  await eventually(async () => assert.match(await replica.metrics(), /^evenkeel_calls_in_flight 0$/m))
  await replica.stop()
  assert.deepEqual(
    collector.spans.filter(({ name }) => name === method).map(({ attributes }) => attributes['rpc.status_code']),
    ['CANCELLED', 'DEADLINE_EXCEEDED'],
  )
})

test('the metrics port shows calls, waiting, workers, refusals and the state of the replica', async () => {
  await using replica = await startExportingReplica({}, '--queue-limit=0')
  using client = holdClient(replica.address)
  assert.equal((await holdFor(client, 5)).code, status.OK)
  const caller = new AbortController()
  const holding = holdFor(client, 30_000, { signal: caller.signal })
  await eventually(async () => assert.match(await replica.metrics(), /^evenkeel_workers_busy 1$/m))
  assert.equal((await holdFor(client, 5)).code, status.RESOURCE_EXHAUSTED)
  const text = await replica.metrics()
  caller.abort()
  await holding

  const of = `grpc_method="${method}"`
  for (const line of [
    `grpc_server_call_started_total{${of}} 3`,
    `grpc_server_call_duration_count{${of},grpc_status="OK"} 1`,
    `grpc_server_call_duration_count{${of},grpc_status="RESOURCE_EXHAUSTED"} 1`,
    `evenkeel_queue_wait_count{${of}} 1`,
    `evenkeel_compute_time_count{${of}} 1`,
    'evenkeel_workers 1',
    'evenkeel_queue_waiting 0',
    'evenkeel_calls_in_flight 1',
    'evenkeel_calls_refused_total{evenkeel_error="full"} 1',
    'evenkeel_lifecycle_state{evenkeel_state="serving"} 1',
    'evenkeel_lifecycle_state{evenkeel_state="draining"} 0',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`)
  }
})

test('health checks leave neither spans nor lines, and are counted', async () => {
  await using collector = await startOtlpCollector()
  await using replica = await startExportingReplica(collector.environment, '--access-log=all')
  using client = connect(Client, replica.address)
  const { code } = await callUnary(client, HealthService.check, { request: { service: '' } })
  const text = await replica.metrics()
  await replica.stop()
  assert.equal(code, status.OK)
  assert.deepEqual(collector.spans, [])
  assert.deepEqual(
    replica.log().filter(({ msg }) => msg === 'call'),
    [],
  )
  assert.match(text, /^grpc_server_call_started_total\{grpc_method="grpc\.health\.v1\.Health\/Check"\} 1$/m)
})

test('a collector that never answers does not hold the exit of a replica', async () => {
  await using collector = await startOtlpCollector({ silent: true })
  const tenMinutes = { OTEL_EXPORTER_OTLP_TIMEOUT: '600000' }
  await using replica = await startExportingReplica({ ...collector.environment, ...tenMinutes })
  using client = holdClient(replica.address)
  await holdFor(client, 1)
  assert.equal(await replica.stop(), 0)
  assert.ok(replica.log().some(({ msg }) => msg === 'telemetry export'))
})

test('a replica says in its log when it serves, drains and has stopped', async () => {
  await using replica = await startExportingReplica({})
  await replica.stop()
  const events = replica.log().map(({ msg }) => msg)
  assert.deepEqual(
    ['serving', 'draining', 'stopped'].filter((event) => events.includes(event)),
    ['serving', 'draining', 'stopped'],
  )
})
