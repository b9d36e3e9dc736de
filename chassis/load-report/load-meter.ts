import { cpuUsage } from 'node:process'
import { status } from '@grpc/grpc-js'
import { OrcaLoadReport } from '../../gen/xds/xds/data/orca/v3/orca_load_report.ts'
import type { CallStatus } from '../call.ts'
import { errorTable } from '../errors.ts'
import type { WorkerPool } from '../workers/pool.ts'
import { DecayingMean } from './decaying-mean.ts'

/** What a meter measures. */
export interface LoadSources {
  pool: Pick<WorkerPool, 'workers' | 'busy' | 'waiting'>
  /** Tasks that may wait for a worker. */
  queueLimit: number
  /** CPUs that the process may use, also a fraction. */
  cpus: number
}

/** How often is measured while somebody wants to know, in ms; a report stays the same for so long. Waking up is what costs. */
const measuredEachMs = 100

/** Ends that a caller has no part in. Refusals are counted apart, by their row of the error table. */
const faults: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/**
 * The load of a replica as means over the last two seconds or so, in the form of an ORCA report (gRFC A51). It measures only
 * while somebody wants to know; calls are counted always.
 */
export class LoadMeter {
  readonly #sources: LoadSources
  readonly #listeners = new Set<() => void>()
  readonly #busy = new DecayingMean()
  readonly #waiting = new DecayingMean()
  readonly #cpu = new DecayingMean()
  readonly #served = new DecayingMean()
  readonly #failed = new DecayingMean()
  #servedCalls = 0
  #failedCalls = 0
  #cpuMicros = cpuMicros()
  #measuredAtMs = performance.now()
  #timer: NodeJS.Timeout | undefined
  #bytes: Buffer | undefined

  constructor(sources: LoadSources) {
    this.#sources = sources
  }

  /** A call of the workload has ended. One that was refused is not served: a replica that refuses quickly is not quick. */
  ended({ code, error }: CallStatus): void {
    const refused = error !== undefined && errorTable[error].retry !== 'never'
    if (!refused) this.#servedCalls += 1
    if (refused || faults.has(code)) this.#failedCalls += 1
  }

  /** Measures from now on until the result is disposed, and tells `listener` each time, with the clock of `performance.now()`. */
  follow(listener: (nowMs: number) => void = () => {}): Disposable {
    // A function of its own: one listener may follow twice.
    const told = (): void => listener(this.#measuredAtMs)
    this.#listeners.add(told)
    if (this.#timer === undefined) {
      this.#measure()
      this.#timer = setInterval(() => this.#tick(), measuredEachMs).unref()
    }
    return { [Symbol.dispose]: () => this.#forget(told) }
  }

  /** What is true now. Utilization of the application is busy workers and waiting tasks by workers, so it may exceed 1. */
  get report(): OrcaLoadReport {
    const { pool, queueLimit } = this.#sources
    const [busy, waiting] = [this.#busy.value, this.#waiting.value]
    // The protocol holds these, but not the others, to at most 1.
    const utilization = { workers: Math.min(1, busy / pool.workers), queue: Math.min(1, waiting / (queueLimit || 1)) }
    return OrcaLoadReport.fromPartial({
      applicationUtilization: (busy + waiting) / pool.workers,
      cpuUtilization: this.#cpu.value,
      rpsFractional: this.#served.value,
      eps: this.#failed.value,
      utilization,
      namedMetrics: { waiting },
    })
  }

  /** The report encoded, once for each time that is measured. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(OrcaLoadReport.encode(this.report).finish())
    return this.#bytes
  }

  #tick(): void {
    this.#measure()
    for (const told of this.#listeners) told()
  }

  #measure(): void {
    const nowMs = performance.now()
    const spanMs = nowMs - this.#measuredAtMs
    if (spanMs <= 0) return
    // One look at the workers says nothing of an hour in which nobody looked; the next looks will soon outweigh it.
    const seenMs = this.#timer === undefined ? Math.min(spanMs, measuredEachMs) : spanMs
    const micros = cpuMicros()
    const { pool, cpus } = this.#sources
    this.#busy.add(pool.busy, spanMs, seenMs)
    this.#waiting.add(pool.waiting, spanMs, seenMs)
    this.#cpu.add((micros - this.#cpuMicros) / 1000 / spanMs / cpus, spanMs, seenMs)
    this.#served.add((this.#servedCalls * 1000) / spanMs, spanMs, seenMs)
    this.#failed.add((this.#failedCalls * 1000) / spanMs, spanMs, seenMs)
    this.#servedCalls = 0
    this.#failedCalls = 0
    this.#cpuMicros = micros
    this.#measuredAtMs = nowMs
    this.#bytes = undefined
  }

  #forget(told: () => void): void {
    this.#listeners.delete(told)
    if (this.#listeners.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function cpuMicros(): number {
  const { user, system } = cpuUsage()
  return user + system
}
