// Not from the package's entry: tasks throw these errors, and each worker thread would load all of grpc-js (38 MB).
import { Status as status } from '@grpc/grpc-js/build/src/constants.js'

/** What the caller may do after an error: `never` repeat it, repeat `now` at another replica, or repeat `later` after the pushback. */
export type Retry = 'never' | 'now' | 'later'

/** How one of our errors looks on the wire. */
export interface ErrorRow {
  /** gRPC status code. */
  status: status
  /** Whether and when the same call may be sent again. */
  retry: Retry
  /** When it is sent, for people. */
  meaning: string
}

/**
 * The one table of errors: everything that ends a call other than OK is one of these, but for a `StatusError` of a workload. The
 * README's table is compared with it. Codes are stable; they appear in logs and metrics.
 */
export const errorTable = {
  invalid_argument: {
    status: status.INVALID_ARGUMENT,
    retry: 'never',
    meaning: 'a field is wrong; BadRequest names it',
  },
  malformed_request: {
    status: status.INVALID_ARGUMENT,
    retry: 'never',
    meaning: 'the body is not the expected message',
  },
  malformed_frame: {
    status: status.INTERNAL,
    retry: 'never',
    meaning: 'a message is marked as compressed, its call names no encoding',
  },
  message_too_large: { status: status.RESOURCE_EXHAUSTED, retry: 'never', meaning: 'the body is over the limit' },
  full: {
    status: status.RESOURCE_EXHAUSTED,
    retry: 'later',
    meaning: 'queue and workers are taken; RetryInfo says when',
  },
  overloaded: {
    status: status.RESOURCE_EXHAUSTED,
    retry: 'later',
    meaning: 'it would wait too long for a worker, or end too late; RetryInfo says when',
  },
  deadline_exceeded: {
    status: status.DEADLINE_EXCEEDED,
    retry: 'never',
    meaning: "the deadline, or the server's maximum, passed",
  },
  cancelled: { status: status.CANCELLED, retry: 'never', meaning: 'the caller went away' },
  draining: { status: status.UNAVAILABLE, retry: 'now', meaning: 'the replica is leaving; another one goes on' },
  unimplemented: { status: status.UNIMPLEMENTED, retry: 'never', meaning: 'no such method, or no such encoding' },
  worker_lost: {
    status: status.INTERNAL,
    retry: 'never',
    meaning: 'the worker of this call died, or its replica was ended by force',
  },
  internal: { status: status.INTERNAL, retry: 'never', meaning: 'a fault of ours; the cause is in the log only' },
} as const satisfies Record<string, ErrorRow>

/** Stable name of an error, a key of `errorTable`. */
export type ErrorCode = keyof typeof errorTable

/** One field that was wrong, as google.rpc.BadRequest says it. */
export interface FieldViolation {
  field: string
  description: string
}

/** What an error carries beside its message. */
export interface CallErrorOptions {
  /** The fields that were wrong (`invalid_argument`). */
  violations?: FieldViolation[]
  /** When to come back, in milliseconds (`full`, `overloaded`). */
  retryAfterMs?: number
  /** Never sent to the caller; logged. */
  cause?: unknown
}

/** An error with a row in the table. Its message goes to the caller: it names the value, the bound and the remedy. */
export class CallError extends Error {
  override readonly name = 'CallError'
  readonly code: ErrorCode
  readonly violations: FieldViolation[]
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, options: CallErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.violations = options.violations ?? []
    this.retryAfterMs = options.retryAfterMs
  }
}

/** A field that the caller must change: INVALID_ARGUMENT with google.rpc.BadRequest. */
export function invalidArgument(field: string, description: string): CallError {
  return new CallError('invalid_argument', `${field}: ${description}`, { violations: [{ field, description }] })
}

/** Any thrown thing as a `CallError`; what is not one becomes `internal` with a neutral message and the thing as cause. */
export function callErrorFrom(thrown: unknown): CallError {
  if (thrown instanceof CallError) return thrown
  return new CallError('internal', 'internal error; its cause is in the log of the replica', { cause: thrown })
}
