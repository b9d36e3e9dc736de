import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../chassis/telemetry/logger.ts'
import { keepLogLines } from '../test/support/log-lines.ts'
import { collectMetrics } from '../test/support/metric-collector.ts'
import { snapshotOf } from '../test/support/world.ts'
import { AdsServer } from './ads/ads-server.ts'
import { createControlPlaneEvents } from './events.ts'
import { controlPlaneMetrics } from './metric-table.ts'

const response = { type: 'cluster', version: 'v1', nonce: '1', names: ['primes'], bytes: Buffer.alloc(10) } as const
const stream = { protocol: 'delta', peer: '127.0.0.1:1', since: new Date(0) } as const

function started(level: 'info' | 'debug' = 'info') {
  const { lines, destination } = keepLogLines()
  const { logger } = createLogger({ level, pod: 'p', process: '0', workload: 'control-plane', destination })
  return { lines, logger }
}

test('a refusal is logged with its reason and who refused, and counted', async () => {
  await using metrics = collectMetrics()
  const { lines, logger } = started()
  const events = createControlPlaneEvents({ logger, meter: metrics.meter })
  events.began(stream).rejected(response, 'no such policy', 'envoy-1')
  const [line] = lines
  assert.deepEqual(
    [line?.['msg'], line?.['level'], line?.['node'], line?.['reason'], line?.['type'], line?.['version']],
    ['rejected', 'warn', 'envoy-1', 'no such policy', 'cluster', 'v1'],
  )
  assert.deepEqual(await metrics.points(controlPlaneMetrics.rejected.name), [
    { attributes: { 'evenkeel.xds.type': 'cluster' }, value: 1 },
  ])
})

test('a subscriber that is refused again and again does not fill the log', () => {
  const { lines, logger } = started()
  const events = createControlPlaneEvents({ logger, meter: undefined })
  for (let at = 0; at < 1000; at += 1) events.failed('127.0.0.1:1', 'no more')
  assert.ok(lines.length < 100, `${lines.length} lines`)
})

test('a published state is logged with its ready endpoints, of ten services at most', () => {
  const { lines, logger } = started()
  const events = createControlPlaneEvents({ logger, meter: undefined })
  const many = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`service-${at}`, ['10.0.0.1:1', '10.0.0.2:1']]),
  )
  events.published(snapshotOf(many), 3)
  assert.equal(lines[0]?.['subscribers'], 3)
  const endpoints = lines[0]['endpoints'] as Record<string, number>
  assert.equal(Object.keys(endpoints).length, 10)
  assert.equal(endpoints['service-0'], 2)
})

test('the table says exactly what is exported: names, units, descriptions', async () => {
  await using metrics = collectMetrics()
  const events = createControlPlaneEvents({ logger: started().logger, meter: metrics.meter })
  events.observe(new AdsServer({ maxSubscribers: 1, observer: events }))
  const heard = events.began(stream)
  heard.sent(response)
  heard.acknowledged(response, 5)
  heard.rejected(response, 'no', 'envoy-1')
  events.failed('127.0.0.1:1', 'no more')
  events.published(snapshotOf({ primes: ['10.0.0.1:1'] }), 1)
  events.sourceFault(new Error('no such file'))
  const exported = (await metrics.collect()).map(({ name, unit, description }) => ({ name, unit, description }))
  const table = Object.values(controlPlaneMetrics).map(({ name, unit, description }) => ({ name, unit, description }))
  const byName = (one: { name: string }, other: { name: string }): number => one.name.localeCompare(other.name)
  assert.deepEqual(exported.toSorted(byName), table.toSorted(byName))
})
