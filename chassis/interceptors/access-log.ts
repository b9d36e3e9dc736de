import { inspect } from 'node:util'
import { status } from '@grpc/grpc-js'
import type { Level, Logger } from 'pino'
import type { Call, CallStatus } from '../call.ts'
import { LogBudget } from '../telemetry/log-budget.ts'
import { statusName } from '../telemetry/status-name.ts'
import type { Hooks, Interceptor } from './interceptor.ts'

/**
 * Which calls have a line.
 *
 * - `off`: our own faults only; those are never silent.
 * - `errors`: what did not end with OK. Mistakes of callers at level debug, at most ten lines a second of each kind.
 * - `all`: every call, unbounded.
 */
export type AccessLogMode = 'off' | 'errors' | 'all'

/** Where lines go, and which. */
export interface AccessLogOptions {
  logger: Logger
  mode: AccessLogMode
}

/** A flood of failed calls must not cost more than the calls themselves. */
const linesPerSecondAndKind = 10
/** Longest text of a caller in a line, in characters. */
const maxTextLength = 200
const faults: ReadonlySet<status> = new Set([status.INTERNAL, status.UNKNOWN, status.DATA_LOSS])

/** One line per call that is over: `call`, with who asked, how it ended, and how long it waited and computed. */
export function accessLogInterceptor({ logger, mode }: AccessLogOptions): Interceptor {
  const budget = new LogBudget(linesPerSecondAndKind)
  const hooks: Hooks = {
    ended: (ended, call) => {
      const level = levelOf(call, ended, mode)
      if (level === undefined || !logger.isLevelEnabled(level)) return
      const suppressed = mode === 'all' ? 0 : budget.take(ended.error ?? String(ended.code), performance.now())
      if (suppressed === undefined) return
      const fields = lineOf(call, ended)
      logger[level](suppressed > 0 ? { ...fields, suppressed } : fields, 'call')
    },
  }
  return () => hooks
}

/** Undefined: no line. What is refused or late is worth a look (warn); what its caller did wrong is not ours (debug). */
function levelOf({ origin }: Call, { code, error }: CallStatus, mode: AccessLogMode): Level | undefined {
  // The one mistake of callers that the protocol calls INTERNAL.
  if (faults.has(code) && error !== 'malformed_frame') return 'error'
  if (mode === 'off' || origin === 'chassis') return undefined
  if (error === 'full' || error === 'overloaded' || code === status.DEADLINE_EXCEEDED || code === status.UNAVAILABLE)
    return 'warn'
  if (mode === 'all') return 'info'
  return code === status.OK ? undefined : 'debug'
}

function lineOf(call: Call, { code, details, error, cause }: CallStatus): object {
  const failed = code !== status.OK
  return {
    method: short(call.path.slice(1)),
    peer: call.peer,
    status: statusName(code),
    error,
    details: failed ? details : undefined,
    durationMs: rounded(performance.now() - call.startedAtMs),
    queueMs: call.worker === undefined ? undefined : rounded(call.queueMs),
    computeMs: call.worker === undefined ? undefined : rounded(call.computeMs),
    worker: call.worker,
    requestId: firstText(call, 'x-request-id'),
    traceId: traceIdFrom(firstText(call, 'traceparent')),
    err:
      cause === undefined || cause instanceof Error
        ? cause
        : short(inspect(cause, { depth: 2, breakLength: Number.POSITIVE_INFINITY })),
  }
}

function firstText(call: Call, name: string): string | undefined {
  const [value] = call.metadata.get(name)
  return typeof value === 'string' && value !== '' ? short(value) : undefined
}

/** The second part of a W3C traceparent. https://www.w3.org/TR/trace-context/#traceparent-header */
function traceIdFrom(traceparent: string | undefined): string | undefined {
  return traceparent?.match(/^[0-9a-f]{2}-([0-9a-f]{32})-/)?.[1]
}

function short(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
}

/** Microseconds are enough. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
