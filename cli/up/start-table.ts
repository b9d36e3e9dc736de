import type { BalancingPolicy } from '../../client/balancing/policy.ts'
import { holdWork } from '../spread/hold-work.ts'
import { primesWork } from '../spread/primes-work.ts'
import { type LoadResult, runLoad } from '../spread/run-load.ts'
import { showProgress } from '../spread/show-progress.ts'
import type { Work } from '../spread/work.ts'

/** One way to the replicas, and what it is called. */
export interface Way {
  name: string
  target: string
  /** The balancing of the caller itself; without one it takes the first address. */
  callerBalancing?: BalancingPolicy
  /** The control plane of an `xds:` target. */
  xdsServer?: string
}

/** What is shown. */
export interface StartTableOptions {
  workload: 'primes' | 'hold'
  ways: readonly Way[]
  replicas: readonly string[]
  signal: AbortSignal
  /** Shows how far each load has come. */
  stderr: NodeJS.WriteStream
}

/** The load of each way: enough to keep one replica with one worker busy for three quarters of the time, at random times. */
const load = { job: '5ms', rate: 150, seconds: 4, arrivals: 'poisson' } as const

/** The same load over one connection by each way: calls per replica, and latencies from the time a call was to be sent. */
export async function startTable(options: StartTableOptions): Promise<string> {
  const { workload, ways, replicas, signal, stderr } = options
  const rows: string[][] = [['', ...replicas, 'p50', 'p99', 'refused', 'lost']]
  for (const way of ways) {
    using view = showProgress(stderr)
    const { summary } = await runLoad({
      target: way.target,
      callerBalancing: way.callerBalancing,
      xdsServer: way.xdsServer,
      work: workOf(workload),
      rate: load.rate,
      seconds: load.seconds,
      arrivals: load.arrivals,
      signal,
      onProgress: view.update,
    })
    rows.push(rowOf(way.name, summary, replicas))
  }
  return `Calls of about 5 ms, ${load.rate} a second at random times for ${load.seconds} s, each time over ONE connection:\n\n${aligned(rows)}`
}

/** One row: calls per replica, latencies, and what was not answered, so that the numbers of a row add up to all calls. */
export function rowOf(
  name: string,
  {
    callsPerPod,
    latencyMs,
    refused,
    lost,
  }: Pick<LoadResult['summary'], 'callsPerPod' | 'latencyMs' | 'refused' | 'lost'>,
  replicas: readonly string[],
): string[] {
  const calls = replicas.map((replica) => String(callsPerPod[replica] ?? 0))
  const [p50, p99] = [latencyMs.p50, latencyMs.p99].map((ms) => `${ms.toFixed(1)} ms`) as [string, string]
  return [name, ...calls, p50, p99, String(refused), String(lost)]
}

function workOf(workload: StartTableOptions['workload']): Work {
  const mix = { [load.job]: 1 }
  return workload === 'primes' ? primesWork({ mix, seed: 1 }) : holdWork({ mix, seed: 1, compute: false })
}

/** First column to the left, the others to the right. */
function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join('  '),
    )
    .join('\n')
}
