import type { Metadata } from '@grpc/grpc-js'
import type { ActiveCall } from '../interceptors/active-call.ts'
import type { WorkerPool } from '../workers/pool.ts'
import type { CallContext, RunOptions } from '../workload.ts'

/** What a handler sees of its call: the signal, the deadline, metadata of both ways, and the way to the workers. */
export function callContext(call: ActiveCall, pool: WorkerPool): CallContext {
  return new PooledCall(call, pool)
}

class PooledCall implements CallContext {
  readonly #call: ActiveCall
  readonly #pool: WorkerPool

  constructor(call: ActiveCall, pool: WorkerPool) {
    this.#call = call
    this.#pool = pool
  }

  get signal(): AbortSignal {
    return this.#call.signal
  }

  get deadlineMs(): number {
    return this.#call.deadlineMs
  }

  get metadata(): Metadata {
    return this.#call.metadata
  }

  get trailers(): Metadata {
    return this.#call.trailers
  }

  sendHeaders(headers: Metadata): void {
    this.#call.sendHeaders(headers)
  }

  answeredInline(): void {
    this.#call.worker ??= 'inline'
  }

  async run<Output>(task: string, input: unknown, options: RunOptions = {}): Promise<Output> {
    const queuedAtMs = performance.now()
    const { signal, deadlineMs } = this
    const { criticality } = this.#call
    const result = await this.#pool.run<Output>({ ...options, task, input, signal, deadlineMs, criticality })
    this.#call.computed({ worker: result.worker, queuedAtMs, queueMs: result.queueMs, computeMs: result.computeMs })
    return result.output
  }
}
