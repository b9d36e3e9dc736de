import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectMetrics } from '../../test/support/metric-collector.ts'
import { hooksAround, plainCall } from '../../test/support/plain-call.ts'
import { CallError } from '../errors.ts'
import { okStatus, statusFromError } from '../status.ts'
import { createInstruments } from '../telemetry/instruments.ts'
import { latencyBuckets, sizeBuckets } from '../telemetry/metric-table.ts'
import { metricsInterceptor } from './metrics.ts'

const method = { 'grpc.method': 'test.v1.TestService/Run' }

test('without instruments a call is left alone', () => {
  assert.equal(metricsInterceptor(undefined)(plainCall()), undefined)
})

test('a call is counted when it starts, before it ends', async () => {
  await using metrics = collectMetrics()
  metricsInterceptor(createInstruments(metrics.meter))(plainCall())
  assert.deepEqual(await metrics.points('grpc.server.call.started'), [{ attributes: method, value: 1 }])
  assert.deepEqual(await metrics.points('grpc.server.call.duration'), [])
})

test('a call that ended has its duration and message sizes under its status, in the buckets of A66', async () => {
  await using metrics = collectMetrics()
  const hooks = hooksAround(
    metricsInterceptor(createInstruments(metrics.meter)),
    plainCall({ startedAtMs: performance.now() - 250 }),
  )
  hooks.received?.(100)
  hooks.received?.(50)
  hooks.sent?.(2000)
  hooks.ended(okStatus())

  const attributes = { ...method, 'grpc.status': 'OK' }
  const [duration] = await metrics.points('grpc.server.call.duration')
  const [received] = await metrics.points('grpc.server.call.rcvd_total_compressed_message_size')
  const [sent] = await metrics.points('grpc.server.call.sent_total_compressed_message_size')
  assert.deepEqual(
    [duration, received, sent].map((point) => point?.attributes),
    [attributes, attributes, attributes],
  )
  assert.ok(
    typeof duration?.value === 'object' && typeof received?.value === 'object' && typeof sent?.value === 'object',
  )
  assert.ok((duration.value.sum ?? 0) >= 0.25)
  assert.deepEqual(duration.value.buckets.boundaries, [...latencyBuckets])
  assert.equal(received.value.sum, 150)
  assert.equal(sent.value.sum, 2000)
  assert.deepEqual(sent.value.buckets.boundaries, [...sizeBuckets])
})

test('waiting and computing of each task are recorded in seconds', async () => {
  await using metrics = collectMetrics()
  const hooks = metricsInterceptor(createInstruments(metrics.meter))(plainCall())
  hooks?.computed?.({ worker: 0, queuedAtMs: 0, queueMs: 30, computeMs: 500 })
  hooks?.computed?.({ worker: 1, queuedAtMs: 0, queueMs: 10, computeMs: 1500 })
  const [wait] = await metrics.points('evenkeel.queue.wait')
  const [compute] = await metrics.points('evenkeel.compute.time')
  assert.ok(typeof wait?.value === 'object' && typeof compute?.value === 'object')
  assert.deepEqual([wait.value.count, wait.value.sum], [2, 0.04])
  assert.deepEqual([compute.value.count, compute.value.sum], [2, 2])
})

test('methods that nobody registered share the name other', async () => {
  await using metrics = collectMetrics()
  const intercept = metricsInterceptor(createInstruments(metrics.meter))
  for (const path of ['/a.B/C', '/d.E/F']) intercept(plainCall({ path, origin: 'unknown' }))
  assert.deepEqual(await metrics.points('grpc.server.call.started'), [
    { attributes: { 'grpc.method': 'other' }, value: 2 },
  ])
})

test('a call is refused when it may be repeated, and only then', async () => {
  await using metrics = collectMetrics()
  const intercept = metricsInterceptor(createInstruments(metrics.meter))
  for (const code of ['full', 'full', 'draining', 'invalid_argument', 'internal'] as const) {
    hooksAround(intercept).ended(statusFromError(new CallError(code, 'no')))
  }
  assert.deepEqual(await metrics.points('evenkeel.calls.refused'), [
    { attributes: { 'evenkeel.error': 'full' }, value: 2 },
    { attributes: { 'evenkeel.error': 'draining' }, value: 1 },
  ])
})
