import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LoadResult, runLoad } from '../../cli/spread/run-load.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import { removeLeftBehind } from '../support/confined-container.ts'
import { startContainerFleet } from '../support/container-fleet.ts'

/** What each test saw, for the table at the end. */
const rows: { moment: string; summary: Summary }[] = []

before(removeLeftBehind)
after(removeLeftBehind)
after(() => console.log(tableOf(rows)))

test('three replicas in containers share the calls of one connection', async () => {
  await using fleet = await startContainerFleet({ replicas: 3 })
  const { summary } = await load(fleet.target, { moment: 'three replicas', podsExpected: 3 })
  assert.equal(summary.lost, 0)
  assert.deepEqual(Object.keys(summary.callsPerPod).toSorted(), ['pod-1', 'pod-2', 'pod-3'])
  assert.ok(summary.maxOverMin < 1.5, `calls max/min ${summary.maxOverMin}`)
})

test('a replica that is added takes its share of the calls of a connection that stands', async () => {
  await using fleet = await startContainerFleet({ replicas: 3 })
  const begun = Promise.withResolvers<void>()
  const running = load(fleet.target, { moment: 'a fourth added', seconds: 6, onProgress: () => begun.resolve() })
  await begun.promise
  await fleet.add()
  await fleet.settled()
  const { summary, timeline } = await running
  assert.equal(summary.lost, 0)
  const [fourth = 0, ...others] = ['pod-4', 'pod-1', 'pod-2', 'pod-3'].map((pod) => callsInLastSecond(timeline, pod))
  assert.ok(fourth > 0.6 * Math.min(...others), `${fourth} calls, the others ${others.join(', ')}`)
})

test('a replica killed under load loses no call but those cut between headers and trailers', async () => {
  await using fleet = await startContainerFleet({ replicas: 3 })
  const begun = Promise.withResolvers<void>()
  const running = load(fleet.target, { moment: 'one of three killed', onProgress: () => begun.resolve() })
  await begun.promise
  await fleet.kill('pod-2')
  const { summary, timeline } = await running
  assert.equal(summary.lost - summary.cut, 0, JSON.stringify(summary.errorsByCode))
  assert.equal(callsInLastSecond(timeline, 'pod-2'), 0)
  assert.ok(callsInLastSecond(timeline, 'pod-1') > 0)
})

test('a control plane killed under load costs no call, and a replica added meanwhile arrives once it is back', async () => {
  await using fleet = await startContainerFleet({ replicas: 3 })
  const begun = Promise.withResolvers<void>()
  // Envoy looks the name of the control plane up every 5 s.
  const running = load(fleet.target, { moment: 'control plane killed', seconds: 12, onProgress: () => begun.resolve() })
  await begun.promise
  await fleet.killControlPlane()
  await fleet.add()
  await fleet.startControlPlane()
  await fleet.settled()
  const { summary } = await running
  assert.equal(summary.lost, 0)
  assert.deepEqual(Object.keys(summary.callsPerPod).toSorted(), ['pod-1', 'pod-2', 'pod-3', 'pod-4'])
})

interface TestLoad {
  moment: string
  seconds?: number
  podsExpected?: number
  /** Called from a quarter of a second on. */
  onProgress?: () => void
}

/** 300 calls a second over one connection, each 10 ms on a worker, without any retry by the caller. */
async function load(target: string, { moment, seconds = 3, ...others }: TestLoad): Promise<LoadResult> {
  const work = holdWork({ mix: { '10ms': 1 }, seed: 1, compute: false })
  const result = await runLoad({ target, work, rate: 300, seconds, retries: 'off', ...others })
  rows.push({ moment, summary: result.summary })
  return result
}

function callsInLastSecond({ callsPerPod, bucketMs }: LoadResult['timeline'], pod: string): number {
  const buckets = Math.max(...Object.values(callsPerPod).map((calls) => calls.length))
  const last = (callsPerPod[pod] ?? []).slice(buckets - 1000 / bucketMs)
  return last.reduce((sum, calls) => sum + calls, 0)
}

function tableOf(all: typeof rows): string {
  const pods = ['pod-1', 'pod-2', 'pod-3', 'pod-4']
  const cells = all.map(({ moment, summary }) => [
    moment,
    ...pods.map((pod) => String(summary.callsPerPod[pod] ?? '-')),
    String(summary.lost - summary.cut),
    String(summary.cut),
  ])
  const lines = [['calls over one connection', ...pods, 'lost', 'cut'], ...cells]
  return lines
    .map(([first = '', ...rest]) => first.padEnd(26) + rest.map((cell) => cell.padStart(7)).join(''))
    .join('\n')
}
