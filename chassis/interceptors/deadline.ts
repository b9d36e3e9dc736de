import type { Call } from '../call.ts'
import { CallError, invalidArgument } from '../errors.ts'
import { timeoutHeader } from '../listen/hardened-server.ts'
import type { Interceptor } from './interceptor.ts'

/** Bounds of the time that a call may take, in milliseconds. */
export interface DeadlineOptions {
  /** For callers that set none. */
  defaultMs: number
  /** For everybody; a longer wish is cut down to it. */
  maxMs: number
}

/** Milliseconds per unit of `grpc-timeout` (gRPC over HTTP/2, "Timeout"). */
const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/**
 * How much sooner than its deadline a call with a stream of responses ends, in ms, at most a fifth of its time. A proxy whose own
 * timer fires first can answer a call whose headers have not left, but only reset a stream that has begun: its caller would read
 * INTERNAL. Envoy tells a replica the time that it gives the call itself.
 */
const streamMarginMs = 100

/** Reads a `grpc-timeout` header: at most eight digits and a unit. Undefined when it is not one. */
export function parseTimeoutMs(header: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header)
  if (!match) return undefined
  return Number(match[1]) * (unitMs[match[2] as string] as number)
}

/** Gives every call of the workload a deadline and ends it then. Health and reflection have none: their streams stay open. */
export function deadlineInterceptor(options: DeadlineOptions): Interceptor {
  return (call) => {
    const header = call.metadata.get(timeoutHeader)[0]
    call.metadata.remove(timeoutHeader)
    if (call.origin !== 'workload') return undefined
    const wishedMs = header === undefined ? options.defaultMs : parseTimeoutMs(String(header))
    if (wishedMs === undefined) {
      const shown = JSON.stringify(String(header).slice(0, 20))
      call.fail(invalidArgument('grpc-timeout', `${shown} must be 1 to 8 digits and one of H, M, S, m, u, n`))
      return undefined
    }
    const timeoutMs = Math.min(wishedMs, options.maxMs)
    const endsAfterMs = timeoutMs - marginMs(call, timeoutMs)
    call.deadlineMs = Date.now() + endsAfterMs
    // Below a timer's resolution: past already.
    if (timeoutMs < 1) {
      call.fail(exceeded(timeoutMs, wishedMs))
      return undefined
    }
    const timer = setTimeout(() => call.fail(exceeded(timeoutMs, wishedMs)), endsAfterMs)
    return { ended: () => clearTimeout(timer) }
  }
}

function marginMs({ kind }: Call, timeoutMs: number): number {
  const streams = kind === 'server_stream' || kind === 'bidi_stream'
  return streams ? Math.min(streamMarginMs, timeoutMs / 5) : 0
}

function exceeded(timeoutMs: number, wishedMs: number): CallError {
  const cut = wishedMs > timeoutMs ? ', the most this service allows' : ''
  return new CallError('deadline_exceeded', `the call was not finished within ${timeoutMs} ms${cut}`)
}
