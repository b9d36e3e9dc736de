import type { Metadata, status } from '@grpc/grpc-js'
import type { Criticality } from './admission/criticality.ts'
import type { CallError, ErrorCode } from './errors.ts'
import type { StatusError } from './status-error.ts'

/** Who answers a call: the workload, or the chassis itself (health, reflection), or nobody (a method that does not exist). */
export type CallOrigin = 'workload' | 'chassis' | 'unknown'

/** The four shapes of a gRPC method. */
export type CallKind = 'unary' | 'client_stream' | 'server_stream' | 'bidi_stream'

/** What ends a call on the wire. */
export interface CallStatus {
  code: status
  /** Human-readable, for the caller. */
  details: string
  /** Trailing metadata; interceptors may add to it. */
  metadata: Metadata
  /** The row of the error table behind it; undefined for OK and for statuses of foreign handlers. */
  error?: ErrorCode
  /** What really happened; logged, never sent. */
  cause?: unknown
  /** True where the workload chose it: its code and text reach the caller as they are. */
  chosen?: boolean
}

/** One finished task of a call. Times are milliseconds of `performance.now()`. */
export interface TaskTiming {
  /** Index of the worker in its pool. */
  worker: number
  /** When the task entered the queue. */
  queuedAtMs: number
  /** How long it waited for a worker. */
  queueMs: number
  /** Wall time that the worker computed. */
  computeMs: number
}

/** One call from its headers to its last trailer, as interceptors and handlers share it. */
export interface Call {
  /** `/package.Service/Method`. */
  readonly path: string
  readonly kind: CallKind
  readonly origin: CallOrigin
  /** The request's headers. */
  readonly metadata: Metadata
  /** `grpc-encoding` of the requests; `identity` where their caller does not say. */
  readonly encoding: string
  /** Address and port of the caller's end of the connection. */
  readonly peer: string
  /** `performance.now()` when the headers arrived. */
  readonly startedAtMs: number
  /**
   * Aborts with a `CallError` when the call ends before its handler answered: deadline, cancellation, drain; and with what its
   * handler threw.
   */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch; Infinity until the deadline interceptor has set it, and for the chassis' own services. */
  deadlineMs: number
  /** How much the caller minds to wait, as the criticality interceptor has read it. */
  criticality: Criticality
  /** Whether its handler has not begun, as the one request that it needs has not come whole. Never true of streams of requests. */
  readonly isUnbegun: boolean
  /** Who took the call: worker index, or `inline`; undefined while nobody did. */
  worker: string | undefined
  /** Milliseconds waited for workers so far, over all tasks of the call. */
  queueMs: number
  /** Milliseconds computed by workers so far, over all tasks of the call. */
  computeMs: number
  /** Runs the handler; an interceptor may wrap it, for a tracing context. */
  enter: <T>(run: () => T) => T
  /** Ends the call now with the status of `error`. Does nothing when it has ended already. */
  fail(error: CallError | StatusError): void
}
