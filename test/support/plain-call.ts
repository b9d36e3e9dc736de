import { Metadata } from '@grpc/grpc-js'
import type { Call, CallStatus } from '../../chassis/call.ts'
import type { Hooks, Interceptor } from '../../chassis/interceptors/interceptor.ts'

/** A call as interceptors see it, without a connection: a unary call of a workload that began just now. */
export function plainCall(facts: Partial<Call> = {}): Call {
  return {
    path: '/test.v1.TestService/Run',
    kind: 'unary',
    origin: 'workload',
    metadata: new Metadata(),
    encoding: 'identity',
    peer: '192.0.2.1:4711',
    startedAtMs: performance.now(),
    signal: new AbortController().signal,
    deadlineMs: Number.POSITIVE_INFINITY,
    criticality: 'interactive',
    isUnbegun: false,
    worker: undefined,
    queueMs: 0,
    computeMs: 0,
    enter: (run) => run(),
    fail: () => {},
    ...facts,
  }
}

/** The hooks of one policy around one call, which they are told of without being asked. */
export function hooksAround(interceptor: Interceptor, call: Call = plainCall()): BoundHooks {
  const hooks = interceptor(call)
  return { ...hooks, ended: (status) => hooks?.ended?.(status, call) }
}

type BoundHooks = Omit<Hooks, 'ended'> & { ended: (status: CallStatus) => void }
