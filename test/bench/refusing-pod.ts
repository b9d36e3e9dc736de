import { Client, credentials } from '@grpc/grpc-js'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import { type Replica, startReplica } from '../../deploy/local/replica.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { type Change, startTestEnvoy } from '../support/envoy.ts'
import type { Row } from './row.ts'

/** How long each load lasts, and how often progress is told. */
export interface RefusingPodOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

const workers = 2
/** Calls wait so long in a worker, in milliseconds; two cores stand for six. */
const jobMs = 20
/** Of the two replicas with room. */
const utilisation = 0.6
const rate = (2 * workers * utilisation * 1000) / jobMs
/** Jobs that keep a worker for the whole load, as many as the blocked replica has workers. */
const longMs = 30_000

const retryOnce: readonly Change[] = [
  { in: 'route', at: 'retry_policy/retry_on', to: 'resource-exhausted' },
  { in: 'route', at: 'retry_policy/num_retries', to: 1 },
]

/** How Envoy picks, and whether it asks another replica once when one refuses. */
const policies: Record<string, { balancing: BalancingPolicy; changes: readonly Change[] }> = {
  'full scan': { balancing: 'least_request_full_scan', changes: [] },
  'two choices': { balancing: 'least_request_two_choices', changes: [] },
  'two choices, one retry': { balancing: 'least_request_two_choices', changes: retryOnce },
}
/** The same calls with the replicas as they are, and with replicas that have no place and say so at once. */
const admissions = {
  'as it is': [],
  'refusing at once': ['--delay-target-ms=0', '--queue-limit=0'],
} as const satisfies Record<string, readonly string[]>

/**
 * Three replicas behind Envoy, all workers of one kept by long jobs, the other two at 60 % of what they can: how many of the short
 * calls are refused, and how many the blocked replica was sent.
 */
export async function refusingPodBench({ seconds = 10, onProgress }: RefusingPodOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  const total = Object.keys(admissions).length * Object.keys(policies).length
  for (const [admission, settings] of Object.entries(admissions)) {
    for (const [policy, { balancing, changes }] of Object.entries(policies)) {
      const summary = await loadBesideBlocked({ settings, balancing, changes, seconds })
      const row = rowOf(summary, `${policy}, ${admission}`)
      rows.push(admission === 'as it is' ? { ...row, aim: 2 } : row)
      onProgress?.(rows.length, total)
    }
  }
  return rows
}

interface Run {
  settings: readonly string[]
  balancing: BalancingPolicy
  changes: readonly Change[]
  seconds: number
}

async function loadBesideBlocked({ settings, balancing, changes, seconds }: Run): Promise<Summary> {
  await using stack = new AsyncDisposableStack()
  const replicas: Replica[] = []
  for (const name of ['blocked', 'free-1', 'free-2']) {
    const replica = await startReplica({
      name,
      command: [process.execPath, workloadNamed('hold').main],
      settings: [
        `--workers=${workers}`,
        '--metrics-port=off',
        '--drain-delay-ms=0',
        '--drain-timeout-ms=0',
        '--access-log=off',
        ...settings,
      ],
      environment: process.env,
      onLine: () => {},
    })
    stack.defer(async () => {
      replica.kill('SIGTERM')
      await replica.exited
    })
    replicas.push(replica)
  }
  const envoy = stack.use(
    await startTestEnvoy({ endpoints: replicas.map(({ endpoint }) => endpoint), config: { balancing }, changes }),
  )
  stack.defer(block(replicas[0] as Replica))
  const work = holdWork({ mix: { [`${jobMs}ms`]: 1 }, seed: 1, compute: false })
  const { summary } = await runLoad({
    target: envoy.target,
    work,
    rate,
    seconds,
    arrivals: 'poisson',
    retries: 'off',
    podsExpected: 3,
  })
  return summary
}

/** Keeps every worker of a replica busy; returns what ends that. */
function block({ endpoint }: Replica): () => void {
  const client = new Client(`${endpoint.address}:${endpoint.port}`, credentials.createInsecure())
  const request = { milliseconds: longMs, compute: false }
  const encode = (value: typeof request): Buffer => Buffer.from(HoldRequest.encode(value).finish())
  const { path, responseDeserialize } = HoldServiceService.hold
  const calls = Array.from({ length: workers }, () =>
    client.makeUnaryRequest(path, encode, responseDeserialize, request, () => {}),
  )
  return () => {
    for (const call of calls) call.cancel()
    client.close()
  }
}

function rowOf({ sent, ok, refused, lost, callsPerPod, latencyMs }: Summary, name: string): Row {
  const share = ((100 * (callsPerPod['blocked'] ?? 0)) / ok).toFixed(0)
  return {
    name: `${name}: calls refused`,
    value: (100 * refused) / sent,
    unit: '%',
    aim: null,
    peer: `${sent} calls, ${lost} lost, ${share} % of answers by the blocked one, p99 ${latencyMs.p99.toFixed(0)} ms`,
  }
}
