import { Metadata } from '@grpc/grpc-js'
import type { Hooks, Interceptor } from './interceptor.ts'

/** Who this replica is, as callers see it. */
export interface ServedBy {
  pod: string
  process: string
}

/**
 * Says in the trailers who served a call: `evenkeel-pod` and `evenkeel-process` always; `evenkeel-worker` (`inline` where no
 * worker took it), `evenkeel-queue-ms` and `evenkeel-compute-ms` (wall time) once the call was taken.
 */
export function servedByInterceptor(servedBy: ServedBy): Interceptor {
  // Checked once, not for each call.
  const replica = new Metadata()
  replica.set('evenkeel-pod', servedBy.pod)
  replica.set('evenkeel-process', servedBy.process)
  const hooks: Hooks = {
    answering: ({ metadata }, call) => {
      metadata.merge(replica)
      if (call.worker === undefined) return
      metadata.set('evenkeel-worker', call.worker)
      metadata.set('evenkeel-queue-ms', call.queueMs.toFixed(3))
      metadata.set('evenkeel-compute-ms', call.computeMs.toFixed(3))
    },
  }
  return () => hooks
}
