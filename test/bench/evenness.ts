import { arrivalTimesMs } from '../../cli/spread/arrivals.ts'
import { drawJobs, jobMs } from '../../cli/spread/jobs.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { type EvennessRun, loadOnce, mix, type Shape, type Way } from './evenness-load.ts'
import { fullScanSojournsMs, idealSojournsMs, type Job } from './ideal-queue.ts'
import { p99, type Row } from './row.ts'

/** How long the load of one policy lasts, and how often progress is told. */
export interface EvennessOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

const meanMs = Object.entries(mix).reduce((sum, [job, share]) => sum + (jobMs(job) ?? 0) * share, 0)
const ideal = 'the ideal central queue'
const utilisation = 0.85
const seed = 7

/** Shapes, each with what is aimed at for the p99 of the full scan against the ideal queue. */
const shapes: readonly (Shape & { aim: number })[] = [
  { replicas: 3, workers: 4, aim: 1.1 },
  { replicas: 8, workers: 1, aim: 1.3 },
]
const policies: readonly BalancingPolicy[] = ['least_request_full_scan', 'least_request_two_choices', 'round_robin']
const ways: readonly Way[] = ['Envoy', 'the client']

/**
 * One channel to replicas at 85 % of their capacity, mixed jobs, by each policy, through Envoy and in the client: calls and busy
 * time per replica, and p99 against one ideal central queue with the same arrivals and the same jobs. Twelve loads.
 */
export async function evennessBench({ seconds = 30, onProgress }: EvennessOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  const total = shapes.length * policies.length * ways.length
  let done = 0
  for (const shape of shapes) {
    const servers = shape.replicas * shape.workers
    const rate = Math.round((servers * utilisation * 1000) / meanMs)
    const name = `${shape.replicas}×${shape.workers}`
    const jobs = jobsOf(rate, seconds)
    const idealP99Ms = p99(idealSojournsMs(jobs, servers))
    const atBest = p99(fullScanSojournsMs(jobs, shape)) / idealP99Ms
    rows.push(
      { name: `${name}: p99 of one ideal central queue`, value: idealP99Ms, unit: 'ms', aim: null, peer: null },
      { name: `${name}: p99 of a full scan that costs no time`, value: atBest, unit: 'ratio', aim: null, peer: ideal },
    )
    for (const way of ways) {
      for (const policy of policies) {
        const run: EvennessRun = { shape, way, policy, rate, seconds, seed }
        rows.push(...rowsOf(run, await loadOnce(run), { name, idealP99Ms, aim: shape.aim }))
        onProgress?.((done += 1), total)
      }
    }
  }
  return rows
}

interface Held {
  name: string
  idealP99Ms: number
  aim: number
}

function rowsOf({ way, policy }: EvennessRun, summary: Summary, { name, idealP99Ms, aim }: Held): Row[] {
  const ours = policy === 'least_request_full_scan'
  const title = `${name}, ${policy} in ${way}`
  const calls = `${summary.ok} calls, ${summary.lost} lost, ${summary.refused} refused`
  const latency = `p50 ${summary.latencyMs.p50.toFixed(0)} ms, p99 ${summary.latencyMs.p99.toFixed(0)} ms`
  const row = (what: string, value: number, rest: Pick<Row, 'aim' | 'peer'>): Row => ({
    name: `${title}: ${what}`,
    value,
    unit: 'ratio',
    ...rest,
  })
  return [
    row('calls max/min', summary.maxOverMin, { aim: null, peer: calls }),
    row('busy time max/mean', summary.maxOverMean, { aim: ours ? 1.05 : null, peer: latency }),
    row('p99', summary.latencyMs.p99 / idealP99Ms, { aim: ours ? aim : null, peer: ideal }),
  ]
}

function jobsOf(rate: number, seconds: number): Job[] {
  const jobs = drawJobs(mix, seed)
  const times = arrivalTimesMs({ rate, seconds, arrivals: 'poisson', seed })
  return Array.from(times, (arrivalMs) => ({ arrivalMs, serviceMs: jobMs(jobs.next().value) ?? 0 }))
}
