import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { OrcaLoadReport } from '../../gen/xds/xds/data/orca/v3/orca_load_report.ts'
import { CallError } from '../errors.ts'
import { okStatus, statusFromError } from '../status.ts'
import { LoadMeter } from './load-meter.ts'

const idle = { workers: 2, busy: 0, waiting: 0 }

/** Resolves when the meter has measured twice: what happened before is in its report. */
async function measured(meter: LoadMeter): Promise<void> {
  const looks = new EventTarget()
  using _ = meter.follow(() => looks.dispatchEvent(new Event('look')))
  for (let look = 0; look < 2; look += 1) await once(looks, 'look')
}

test('utilization of the application is busy workers and waiting tasks by workers, and its parts are at most 1', async () => {
  const meter = new LoadMeter({ pool: { workers: 2, busy: 2, waiting: 3 }, queueLimit: 2, cpus: 1 })
  await measured(meter)
  const { applicationUtilization, utilization, namedMetrics } = meter.report
  assert.equal(applicationUtilization.toFixed(6), '2.500000')
  assert.deepEqual(utilization, { workers: 1, queue: 1 })
  assert.equal(namedMetrics['waiting']?.toFixed(6), '3.000000')
})

test('a replica without a queue has an empty one', async () => {
  const meter = new LoadMeter({ pool: { workers: 2, busy: 2, waiting: 0 }, queueLimit: 0, cpus: 1 })
  await measured(meter)
  assert.equal(meter.report.utilization['queue'], 0)
})

test('calls that ended are served, and are failures too where the fault is not of the caller', async () => {
  const meter = new LoadMeter({ pool: idle, queueLimit: 1, cpus: 1 })
  for (let call = 0; call < 6; call += 1) meter.ended(okStatus())
  meter.ended(statusFromError(new CallError('invalid_argument', 'wrong')))
  meter.ended(statusFromError(new CallError('cancelled', 'gone')))
  meter.ended(statusFromError(new CallError('internal', 'broken')))
  meter.ended(statusFromError(new CallError('deadline_exceeded', 'late')))
  await measured(meter)
  const { rpsFractional, eps } = meter.report
  assert.ok(rpsFractional > 0)
  assert.equal((eps / rpsFractional).toFixed(6), '0.200000')
})

test('refused calls are failures and not served', async () => {
  const meter = new LoadMeter({ pool: idle, queueLimit: 1, cpus: 1 })
  meter.ended(statusFromError(new CallError('full', 'come back', { retryAfterMs: 10 })))
  meter.ended(statusFromError(new CallError('draining', 'go elsewhere')))
  await measured(meter)
  const { rpsFractional, eps } = meter.report
  assert.equal(rpsFractional, 0)
  assert.ok(eps > 0)
})

test('processor time is by the CPUs that the process may use', async () => {
  const [one, four] = [1, 4].map((cpus) => new LoadMeter({ pool: idle, queueLimit: 1, cpus }))
  assert.ok(one && four)
  const untilMs = performance.now() + 30
  while (performance.now() < untilMs);
  await Promise.all([measured(one), measured(four)])
  assert.ok(one.report.cpuUtilization > 0)
  assert.ok(four.report.cpuUtilization < one.report.cpuUtilization)
})

test('a report is encoded once until it is measured again', async () => {
  const meter = new LoadMeter({ pool: { ...idle, busy: 1 }, queueLimit: 1, cpus: 1 })
  await measured(meter)
  const bytes = meter.bytes
  assert.equal(meter.bytes, bytes)
  assert.deepEqual(OrcaLoadReport.decode(bytes), meter.report)
  await measured(meter)
  assert.notEqual(meter.bytes, bytes)
})

test('a meter looks at the workers while it is followed, and no longer', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  let looks = 0
  const pool = {
    ...idle,
    get busy() {
      looks += 1
      return 0
    },
  }
  const meter = new LoadMeter({ pool, queueLimit: 1, cpus: 1 })
  const first = meter.follow()
  const second = meter.follow()
  context.mock.timers.tick(1000)
  first[Symbol.dispose]()
  context.mock.timers.tick(1000)
  const whileFollowed = looks
  assert.ok(whileFollowed >= 20)
  second[Symbol.dispose]()
  context.mock.timers.tick(60_000)
  assert.equal(looks, whileFollowed)
})
