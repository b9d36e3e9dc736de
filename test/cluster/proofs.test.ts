import assert from 'node:assert/strict'
import { test } from 'node:test'
import { autoscale } from './proofs/autoscale.ts'
import { cutOff, deletedWithoutGrace, killed } from './proofs/crashes.ts'
import { drain } from './proofs/drain.ts'
import { installed } from './proofs/install.ts'
import { apiServerAway, controlPlaneAway } from './proofs/outages.ts'
import { restart } from './proofs/restart.ts'
import { scale } from './proofs/scale.ts'
import { policyChanged } from './proofs/upgrade.ts'
import { circumstancesOf } from './report/circumstances.ts'
import { writeReport } from './report/write-report.ts'
import { installChart } from './support/install-chart.ts'
import { createNamespace } from './support/namespace.ts'
import { runStep, type Step } from './support/run-step.ts'
import { setStage } from './support/stage.ts'
import type { LoadRecord } from './support/step-record.ts'
import { baseValues } from './support/values.ts'

/** In this order: each begins with what the one before left. */
const steps: readonly Step[] = [
  installed,
  scale,
  restart('service'),
  restart('envoy'),
  restart('control-plane'),
  deletedWithoutGrace,
  killed,
  cutOff,
  drain,
  controlPlaneAway,
  apiServerAway,
  policyChanged,
  autoscale,
]

/** Steps that need a hand on the nodes. */
const fromOutside: readonly Step[] = [killed, cutOff, apiServerAway]
const ownOnly = 'it needs the cluster of test/cluster/kubernetes, whose nodes are at hand'

test('the chart keeps its promises on a real Kubernetes', async (context) => {
  await using namespace = await createNamespace('evenkeel-proofs')
  const stage = await setStage(namespace.kubectl)
  console.error(`records of the steps: ${stage.reportFolder}`)
  await installChart(namespace.kubectl, baseValues({ replicas: 2 }))
  const leftOut = stage.own ? [] : fromOutside
  for (const { title } of leftOut) console.error(`left out: ${title}: ${ownOnly}`)
  for (const step of steps.filter((each) => !leftOut.includes(each))) {
    await context.test(step.title, async () => {
      const record = await runStep(stage, step)
      const { loads } = record
      for (const load of loads) console.error(`${step.name.padEnd(20)} ${rowOf(load)}`)
      if (step.kind === 'graceful') assert.deepEqual(lostBy(loads), { envoy: 0, proxyless: 0 })
      assert.deepEqual(unevenBy(loads), {})
    })
  }
  const circumstances = await circumstancesOf(
    stage,
    leftOut.map(({ title }) => `${title}: ${ownOnly}`),
  )
  console.error(`report: ${await writeReport(stage.reportFolder, circumstances)}`)
})

const lostBy = (loads: readonly LoadRecord[]): Record<string, number> =>
  Object.fromEntries(loads.map(({ name, summary }) => [name, summary.lost + summary.refused]))

/** Those after which calls were spread less evenly than by fair dice, and by more than a twentieth. */
function unevenBy(loads: readonly LoadRecord[]): Record<string, LoadRecord['evenness']> {
  const uneven = loads.filter(
    ({ evenness: { maxOverMin, diceP99 } }) => (maxOverMin ?? Infinity) > Math.max(1.05, diceP99),
  )
  return Object.fromEntries(uneven.map(({ name, evenness }) => [name, evenness]))
}

function rowOf({ name, summary, evenness }: LoadRecord): string {
  const { sent, refused, lost, latencyMs } = summary
  const even = `max/min ${evenness.maxOverMin?.toFixed(3) ?? 'none'} (dice ${evenness.diceP99.toFixed(3)})`
  return `${name.padEnd(10)} sent ${sent}, refused ${refused}, lost ${lost}, p99 ${latencyMs.p99} ms, ${even}`
}
