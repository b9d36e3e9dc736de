import { status } from '@grpc/grpc-js'
import { freePort } from '../../deploy/local/ports.ts'
import { startReplica } from '../../deploy/local/replica.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import { HoldRequest, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { frame } from '../support/raw-http2.ts'
import type { LeanEnd } from './lean-calls.ts'
import type { Callers } from './overload-callers.ts'
import { pinProcess, pinWorkers } from './pinning.ts'
import { p99 } from './row.ts'

/** Each call computes so long, in milliseconds, */
export const jobMs = 10
/** and must have its answer within so many. */
export const deadlineMs = 200

/** One replica of one worker, which has a core of its own. */
export interface Replica extends AsyncDisposable {
  target: string
  healthTarget: string
}

/** Starts it with settings of admission; this process keeps to the other core. */
export async function startOverloaded(...settings: string[]): Promise<Replica> {
  await pinProcess(process.pid, 0)
  const healthPort = await freePort()
  const replica = await startReplica({
    name: 'overloaded',
    command: [process.execPath, workloadNamed('hold').main],
    settings: [
      '--workers=1',
      '--metrics-port=off',
      '--drain-delay-ms=0',
      '--max-concurrent-streams=100000',
      '--access-log=off',
      ...settings,
      `--health-port=${healthPort}`,
    ],
    environment: process.env,
    onLine: () => {},
  })
  await pinWorkers(replica.pid, { workerCore: 1, otherCore: 0 })
  return {
    target: `127.0.0.1:${replica.endpoint.port}`,
    healthTarget: `127.0.0.1:${healthPort}`,
    [Symbol.asyncDispose]: async () => {
      replica.kill('SIGTERM')
      await replica.exited
    },
  }
}

/** One call as it ended. */
export interface Ended {
  /** When it was to be sent, from the start of the load, and how long it took from then, in ms. */
  intendedMs: number
  latencyMs: number
  end: 'ok' | 'held' | 'full' | 'late' | 'lost'
}

/** Calls of one load, and how late their callers themselves were in 1 of 100 turns, in ms. */
export interface Sent {
  calls: Ended[]
  ownDelayMs: number
}

/** Jobs of `ms` of computing at random times. */
export interface JobLoad {
  rate: number
  seconds: number
  ms?: number
  seed?: number
  deadlineMs?: number
  headers?: Readonly<Record<string, string>>
}

/** Has callers send a load of jobs, and says how each call ended. */
export async function sendJobs(callers: Callers, { ms = jobMs, ...load }: JobLoad): Promise<Sent> {
  const message = HoldRequest.encode({ milliseconds: ms, compute: true }).finish()
  const { calls, ownDelayMs } = await callers.send({
    path: HoldServiceService.hold.path,
    body: frame(Buffer.from(message)).toString('base64'),
    headers: {},
    seed: 1,
    deadlineMs,
    ...load,
  })
  return {
    ownDelayMs,
    calls: calls.map(({ intendedMs, latencyMs, ...call }) => ({ intendedMs, latencyMs, end: endOf(call) })),
  }
}

function endOf({ code, details }: Pick<LeanEnd, 'code' | 'details'>): Ended['end'] {
  if (code === status.OK) return 'ok'
  if (code === status.DEADLINE_EXCEEDED) return 'late'
  if (code !== status.RESOURCE_EXHAUSTED) return 'lost'
  return details.includes('in flight, the limit') ? 'full' : 'held'
}

/** Answers within the deadline per second, of calls that were to be sent from `fromMs` to `toMs`. */
export function goodput(calls: readonly Ended[], fromMs: number, toMs: number): number {
  const good = calls.filter(({ end, latencyMs, intendedMs }) => {
    return end === 'ok' && latencyMs <= deadlineMs && intendedMs >= fromMs && intendedMs < toMs
  })
  return (good.length * 1000) / (toMs - fromMs)
}

/** The latency in ms that 99 of 100 calls with that end stay under; NaN when there are none. */
export function p99Of(calls: readonly Ended[], end: Ended['end']): number {
  const latencies = calls.filter((call) => call.end === end).map(({ latencyMs }) => latencyMs)
  return latencies.length === 0 ? Number.NaN : p99(latencies)
}
