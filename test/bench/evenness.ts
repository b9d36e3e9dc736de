import { arrivalTimesMs } from '../../cli/spread/arrivals.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { drawJobs, jobMs, type JobMix } from '../../cli/spread/jobs.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { startFleet } from '../../deploy/local/fleet.ts'
import { createFront } from '../../deploy/local/front.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { openControlPlane } from '../support/local-control-plane.ts'
import { idealSojournsMs, type Job } from './ideal-queue.ts'
import { quantile, type Row } from './row.ts'

/** How long the load of one policy lasts, and how often progress is told. */
export interface EvennessOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

/** Jobs of very different length, waiting instead of computing: two cores stand for twelve. */
const mix: JobMix = { '10ms': 0.7, '50ms': 0.25, '200ms': 0.05 }
const meanMs = 10 * 0.7 + 50 * 0.25 + 200 * 0.05
const shape = { replicas: 3, workers: 4 }
const utilisation = 0.85
const seed = 7

/** The policies that are compared; aims are for the first, which is the product's. */
const policies: readonly BalancingPolicy[] = ['least_request_full_scan', 'least_request_two_choices', 'round_robin']

/**
 * One connection through Envoy to three replicas of four workers at 85 % of their capacity, by each policy: the most busy
 * time over the mean per replica, and p99 against one ideal central queue with the same arrivals and the same jobs.
 */
export async function evennessBench({ seconds = 30, onProgress }: EvennessOptions = {}): Promise<Row[]> {
  const servers = shape.replicas * shape.workers
  const rate = Math.round((servers * utilisation * 1000) / meanMs)
  const sojourns = idealSojournsMs(jobsOf(rate, seconds), servers).toSorted((a, b) => a - b)
  const idealP99Ms = quantile(sojourns, 0.99)
  const rows: Row[] = [row('p99 of one ideal central queue', idealP99Ms, 'ms')]
  for (const [index, policy] of policies.entries()) {
    const summary = await loadBy(policy, rate, seconds)
    const ours = index === 0
    const calls = `${summary.ok} calls, ${summary.lost} lost, ${summary.refused} refused`
    rows.push({
      ...row(`${policy}: busy time max/mean`, summary.maxOverMean, 'ratio'),
      aim: ours ? 1.05 : null,
      peer: calls,
    })
    rows.push({
      ...row(`${policy}: p99`, summary.latencyMs.p99 / idealP99Ms, 'ratio'),
      aim: ours ? 1.1 : null,
      peer: 'the ideal central queue',
    })
    onProgress?.(index + 1, policies.length)
  }
  return rows
}

function row(name: string, value: number, unit: string): Row {
  return { name, value, unit, aim: null, peer: null }
}

function jobsOf(rate: number, seconds: number): Job[] {
  const jobs = drawJobs(mix, seed)
  const times = arrivalTimesMs({ rate, seconds, arrivals: 'poisson', seed })
  return Array.from(times, (arrivalMs) => ({ arrivalMs, serviceMs: jobMs(jobs.next().value) ?? 0 }))
}

async function loadBy(balancing: BalancingPolicy, rate: number, seconds: number): Promise<Summary> {
  const binary = await findEnvoy({ environment: process.env })
  if ('missing' in binary) throw new Error(binary.missing)
  const ports = { port: 0, readyPort: 0, adminPort: 0 }
  await using controlPlane = await openControlPlane()
  const options = { binary, ...ports, balancing, controlPlane, idempotent: true, onLine: () => {} }
  await using front = await createFront(options)
  await using fleet = await startFleet({
    replicas: shape.replicas,
    command: [process.execPath, workloadNamed('hold').main],
    settings: [`--workers=${shape.workers}`, '--queue-limit=100000', '--metrics-port=off', '--drain-delay-ms=0'],
    environment: process.env,
    publish: (endpoints) => controlPlane.publish(endpoints),
  })
  await front.open(fleet.replicas.length)
  const { summary } = await runLoad({
    target: front.address,
    work: holdWork({ mix, seed, compute: false }),
    rate,
    seconds,
    arrivals: 'poisson',
    seed,
    podsExpected: shape.replicas,
    deadlineMs: 30_000,
  })
  return summary
}
