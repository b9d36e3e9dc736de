import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import { autoscale } from './proofs/autoscale.ts'
import { cutOff, deletedWithoutGrace, killed } from './proofs/crashes.ts'
import { drain } from './proofs/drain.ts'
import { foreign } from './proofs/foreign.ts'
import { installed, mixedLoad } from './proofs/install.ts'
import { apiServerAway, controlPlaneAway } from './proofs/outages.ts'
import { restart } from './proofs/restart.ts'
import { scale } from './proofs/scale.ts'
import { tlsSteps } from './proofs/tls.ts'
import { policyChanged } from './proofs/upgrade.ts'
import { circumstancesOf } from './report/circumstances.ts'
import { writeReport } from './report/write-report.ts'
import { helmTest } from './support/helm-test.ts'
import { installChart } from './support/install-chart.ts'
import { createNamespace } from './support/namespace.ts'
import { runStep, type Step } from './support/run-step.ts'
import { setStage } from './support/stage.ts'
import type { LoadRecord } from './support/step-record.ts'
import { baseValues } from './support/values.ts'

/** In this order: each begins with what the one before left. Those of TLS and of a foreign image follow. */
const steps: readonly Step[] = [
  installed,
  scale,
  mixedLoad,
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

const ownOnly = 'it needs the cluster of test/cluster/kubernetes, whose nodes are at hand'

test('the chart keeps its promises on a real Kubernetes', async (context) => {
  await using certificates = await makeCertificates()
  await using namespace = await createNamespace('evenkeel-proofs')
  const stage = await setStage(namespace.kubectl)
  console.error(`records of the steps: ${stage.reportFolder}`)
  await installChart(namespace.kubectl, baseValues({ replicas: 2 }))
  await context.test('helm test finds health, calls and their distribution well', async () => {
    await helmTest(namespace.kubectl)
  })
  const all = [...steps, ...(await tlsSteps(certificates)), foreign]
  const leftOut = all.filter(({ nodesAtHand }) => nodesAtHand === true && !stage.own)
  for (const { title } of leftOut) console.error(`left out: ${title}: ${ownOnly}`)
  for (const step of all.filter((each) => !leftOut.includes(each))) {
    await context.test(step.title, async () => {
      const { kind, loads, pods } = await runStep(stage, step)
      for (const load of loads) console.error(`${step.name.padEnd(20)} ${rowOf(load)}`)
      if (kind === 'graceful') {
        assert.deepEqual(lostBy(loads), {})
        assert.deepEqual(
          pods.filter(({ neverCalledBy }) => neverCalledBy.length > 0),
          [],
        )
      }
      assert.deepEqual(unevenBy(loads), {})
    })
  }
  const notRun = leftOut.map(({ title }) => `${title}: ${ownOnly}`)
  console.error(`report: ${await writeReport(stage.reportFolder, await circumstancesOf(stage, notRun))}`)
})

/**
 * What went wrong for whom, where something did. A pod that computes calls of uneven length refuses those that would wait too long,
 * where its nodes have other work; tiny calls need no worker, and are never refused.
 */
function lostBy(loads: readonly LoadRecord[]): Record<string, LoadRecord['summary']['errorsByCode']> {
  const losing = loads.filter(({ name, summary }) => summary.lost > 0 || (name !== 'mixed' && summary.refused > 0))
  return Object.fromEntries(losing.map(({ name, summary }) => [name, summary.errorsByCode]))
}

/**
 * What a fair choice stays under in 99999 of 100000 runs is this power of what it stays under in 99, for 2 to 6 pods (by the
 * quantiles of the studentized range). Twenty steps would fail by chance in every fifth run otherwise.
 */
const beyondChance = 1.75

/** Those after which calls were spread less evenly than dice would ever spread them. Uneven calls are not counted. */
function unevenBy(loads: readonly LoadRecord[]): Record<string, LoadRecord['evenness']> {
  const uneven = loads.filter(
    ({ name, evenness: { maxOverMin, diceP99 } }) =>
      name !== 'mixed' && (maxOverMin ?? Infinity) > Math.max(1.05, diceP99 ** beyondChance),
  )
  return Object.fromEntries(uneven.map(({ name, evenness }) => [name, evenness]))
}

function rowOf({ name, summary, evenness }: LoadRecord): string {
  const { sent, refused, lost, latencyMs } = summary
  const even = `max/min ${evenness.maxOverMin?.toFixed(3) ?? 'none'} (dice ${evenness.diceP99.toFixed(3)})`
  const busy = name === 'mixed' ? `, busy time max/mean ${summary.maxOverMean.toFixed(3)}` : ''
  return `${name.padEnd(10)} sent ${sent}, refused ${refused}, lost ${lost}, p99 ${latencyMs.p99} ms, ${even}${busy}`
}
