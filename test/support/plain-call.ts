import { Metadata } from '@grpc/grpc-js'
import type { Call } from '../../chassis/call.ts'

/** A call as interceptors see it, without a connection: a unary call of a workload that began just now. */
export function plainCall(facts: Partial<Call> = {}): Call {
  return {
    path: '/test.v1.TestService/Run',
    kind: 'unary',
    origin: 'workload',
    metadata: new Metadata(),
    peer: '192.0.2.1:4711',
    startedAtMs: performance.now(),
    signal: new AbortController().signal,
    deadlineMs: Number.POSITIVE_INFINITY,
    worker: undefined,
    queueMs: 0,
    computeMs: 0,
    enter: (run) => run(),
    fail: () => {},
    ...facts,
  }
}
