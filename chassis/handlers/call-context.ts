import type { ActiveCall } from '../interceptors/active-call.ts'
import type { WorkerPool } from '../workers/pool.ts'
import type { CallContext } from '../workload.ts'

/** What a handler sees of its call: the signal, the deadline, and the way to the workers. */
export function callContext(call: ActiveCall, pool: WorkerPool): CallContext {
  return {
    signal: call.signal,
    deadlineMs: call.deadlineMs,
    answeredInline: () => {
      call.worker ??= 'inline'
    },
    run: async <Output>(task: string, input: unknown, options = {}) => {
      const queuedAtMs = performance.now()
      const result = await pool.run<Output>({ ...options, task, input, signal: call.signal })
      call.computed({ worker: result.worker, queuedAtMs, queueMs: result.queueMs, computeMs: result.computeMs })
      return result.output
    },
  }
}
