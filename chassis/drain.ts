import { setTimeout as delay } from 'node:timers/promises'
import type { InFlight } from './interceptors/in-flight.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { HardenedServer } from './listen/hardened-server.ts'
import { closeNow, leave } from './listen/leave.ts'

/** What a drain works on. */
export interface DrainParts {
  lifecycle: Lifecycle
  hardened: HardenedServer
  inFlight: InFlight
  /** Aborted when streams have to end with a status that lets them resume. */
  leaving: AbortController
  /** How long new calls are still taken, in ms. */
  delayMs: number
  /** When the drain ends by force, in ms from now. */
  timeoutMs: number
  /** Aborts to end the drain by force now. */
  hurry: AbortSignal
}

/** How a drain ended. */
export interface DrainReport {
  /** Calls that were ended by force. */
  cutCalls: number
  /** From the first step to the last, in ms. */
  tookMs: number
}

/** How long a request may go on coming on a connection that was told to go away, in ms; one packet after another takes less. */
const requestGraceMs = 1000
/** How long the last trailers may take to leave before connections are cut, in ms. */
const lastWordsMs = 500

/**
 * Leaves without losing a call, in this order: health says NOT_SERVING; new calls are taken until balancers have noticed;
 * streams end with UNAVAILABLE, to be resumed elsewhere; connections are told to go away; calls whose request does not come whole
 * end with UNAVAILABLE; what runs is finished; at the time limit the rest is ended by force. The caller closes workers and
 * telemetry afterwards.
 */
export async function drain(parts: DrainParts): Promise<DrainReport> {
  const { lifecycle, hardened, inFlight, leaving } = parts
  const startedAtMs = performance.now()
  const timeLimit = new AbortController()
  const timer = setTimeout(() => timeLimit.abort(), parts.timeoutMs)
  const enough = AbortSignal.any([timeLimit.signal, parts.hurry])

  lifecycle.to('draining')
  await orAborted(delay(parts.delayMs, undefined, { signal: enough }), enough)
  leaving.abort()
  await orAborted(leave(hardened), enough)
  const unbegun = setTimeout(() => inFlight.endUnbegun(), requestGraceMs)
  await orAborted(inFlight.empty(), enough)
  clearTimeout(unbegun)
  clearTimeout(timer)

  const cutCalls = inFlight.count
  inFlight.endAll()
  await lastWordsSaid(hardened)
  closeNow(hardened)
  lifecycle.to('stopped')
  return { cutCalls, tookMs: performance.now() - startedAtMs }
}

/** Resolves when `work` is done or `signal` aborts, whichever is first. */
export async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return void work.catch(() => {})
  const { promise, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  await Promise.race([work, promise]).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  signal.removeEventListener('abort', onAbort)
}

/** Resolves when every connection is closed, or the last trailers have had their time: peers that were told to go away close. */
export async function lastWordsSaid({ sessions }: HardenedServer): Promise<void> {
  const closed = [...sessions.keys()].map((session) => new Promise((resolve) => session.once('close', resolve)))
  await Promise.race([Promise.all(closed), delay(lastWordsMs, undefined, { ref: false })])
}
