import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepLogLines } from '../../test/support/log-lines.ts'
import { collectMetrics } from '../../test/support/metric-collector.ts'
import { hooksAround } from '../../test/support/plain-call.ts'
import { CallError } from '../errors.ts'
import { metricsInterceptor } from '../interceptors/metrics.ts'
import { Lifecycle } from '../lifecycle.ts'
import { statusFromError } from '../status.ts'
import { createEvents, logExportProblems } from './events.ts'
import { createLogger } from './logger.ts'
import { type MetricRow, metricTable } from './metric-table.ts'

function startLog() {
  const { lines, destination } = keepLogLines()
  const { logger } = createLogger({ level: 'info', pod: 'p', process: '1', workload: 'w', destination })
  return { lines, logger }
}

function replica() {
  return {
    lifecycle: new Lifecycle(),
    pool: { workers: 4, busy: 3, waiting: 2 },
    inFlight: { count: 5 },
    connections: { size: 6 },
  }
}

test('the table says exactly what is exported: names, units, descriptions, attributes', async () => {
  await using metrics = collectMetrics()
  const events = createEvents({ logger: startLog().logger, meter: metrics.meter })
  events.observe(replica())
  events.pool.replaced?.({ worker: 1, reason: 'died', cause: undefined })
  events.pool.finished?.(2, 1)
  events.pool.stopped?.(1)
  events.pool.dropped?.('late')
  events.connectionRefused({ peer: '127.0.0.1:1', port: 2, reason: 'limit', problem: 'full' })
  const hooks = hooksAround(metricsInterceptor(events.instruments))
  hooks?.computed?.({ worker: 0, queuedAtMs: 0, queueMs: 1, computeMs: 1 })
  hooks.ended(statusFromError(new CallError('full', 'full')))

  const exported = (await metrics.collect()).map(({ name, unit, description, points }) => ({
    name,
    unit,
    description,
    attributes: Object.keys(points[0]?.attributes ?? {}),
  }))
  const expected = Object.values<MetricRow>(metricTable).map(({ name, unit, description, attributes }) => ({
    name,
    unit,
    description,
    attributes: [...attributes],
  }))
  assert.deepEqual(exported, expected)
})

test('gauges show what is true when they are read', async () => {
  await using metrics = collectMetrics()
  const events = createEvents({ logger: startLog().logger, meter: metrics.meter })
  const pool = { workers: 4, busy: 1, waiting: 0 }
  events.observe({ ...replica(), pool })
  assert.equal((await metrics.points('evenkeel.workers.busy'))[0]?.value, 1)
  pool.busy = 3
  assert.equal((await metrics.points('evenkeel.workers.busy'))[0]?.value, 3)
})

test('exactly one state of the lifecycle is 1', async () => {
  await using metrics = collectMetrics()
  const events = createEvents({ logger: startLog().logger, meter: metrics.meter })
  const lifecycle = new Lifecycle()
  events.observe({ ...replica(), lifecycle })
  lifecycle.to('serving')
  const points = await metrics.points('evenkeel.lifecycle.state')
  assert.deepEqual(
    points.map(({ attributes, value }) => [attributes['evenkeel.state'], value]),
    [
      ['starting', 0],
      ['serving', 1],
      ['draining', 0],
      ['stopped', 0],
    ],
  )
})

test('each refused connection is counted, and a flood of them fills no log', async () => {
  await using metrics = collectMetrics()
  const { lines, logger } = startLog()
  const events = createEvents({ logger, meter: metrics.meter })
  for (let port = 1; port <= 100; port += 1) {
    events.connectionRefused({ peer: `10.0.0.1:${port}`, port: 50_051, reason: 'limit', problem: 'full' })
  }
  assert.equal((await metrics.points('evenkeel.connections.refused'))[0]?.value, 100)
  assert.ok(lines.length < 100)
  assert.partialDeepStrictEqual(lines[0], {
    msg: 'connection refused',
    peer: '10.0.0.1:1',
    port: 50_051,
    reason: 'limit',
    problem: 'full',
    suppressed: 0,
  })
})

test('a replaced worker is counted by reason and logged with its cause; one that was stopped is no news', async () => {
  await using metrics = collectMetrics()
  const { lines, logger } = startLog()
  const events = createEvents({ logger, meter: metrics.meter })
  events.pool.replaced?.({ worker: 2, reason: 'ignored-stop', cause: undefined })
  events.pool.replaced?.({ worker: 1, reason: 'died', cause: new Error('out of memory') })
  events.pool.replaced?.({ worker: 0, reason: 'stopped', cause: undefined })
  assert.deepEqual(await metrics.points('evenkeel.workers.replaced'), [
    { attributes: { 'evenkeel.reason': 'ignored-stop' }, value: 1 },
    { attributes: { 'evenkeel.reason': 'died' }, value: 1 },
    { attributes: { 'evenkeel.reason': 'stopped' }, value: 1 },
  ])
  assert.deepEqual(
    lines.map(({ level, worker, reason }) => [level, worker, reason]),
    [
      ['warn', 2, 'ignored-stop'],
      ['warn', 1, 'died'],
    ],
  )
  assert.match(JSON.stringify(lines[1]?.['err']), /out of memory/)
})

test('without a meter events are logged all the same', () => {
  const { lines, logger } = startLog()
  const events = createEvents({ logger })
  const lifecycle = new Lifecycle()
  events.observe({ ...replica(), lifecycle })
  events.serving({ addresses: { grpc: '127.0.0.1:50051' }, workers: 2, startMs: 200 })
  lifecycle.to('draining')
  lifecycle.to('stopped')
  events.drained({ cutCalls: 0, tookMs: 12 })
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['serving', 'draining', 'stopped', 'drained'],
  )
  assert.equal(events.instruments, undefined)
})

test('a drain that cut calls is a warning', () => {
  const { lines, logger } = startLog()
  createEvents({ logger }).drained({ cutCalls: 2, tookMs: 40_000 })
  assert.equal(lines[0]?.['level'], 'warn')
})

test('an event does not throw when its line cannot be written', () => {
  const destination = {
    write() {
      throw new Error('disk full')
    },
  }
  const { logger } = createLogger({ level: 'info', pod: 'p', process: '1', workload: 'w', destination })
  assert.doesNotThrow(() => createEvents({ logger }).drained({ cutCalls: 0, tookMs: 1 }))
})

test('problems of an exporter that follow each other have few lines', () => {
  const { lines, logger } = startLog()
  const report = logExportProblems(logger)
  for (let times = 0; times < 1000; times += 1) report('ECONNREFUSED')
  assert.ok(lines.length < 1000)
  assert.equal(lines[0]?.['problem'], 'ECONNREFUSED')
})
