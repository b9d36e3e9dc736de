import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { EnvoyAdmin } from './envoy-admin.ts'
import type { DrainSignals } from './signals.ts'

/** The options of `evenkeel drain-envoy`. */
export interface DrainOptions {
  /** `host:port` of Envoy's admin interface. */
  admin: string
  timeoutMs: number
}

/** Between two looks at the connections, in ms. */
const lookEveryMs = 100
/**
 * So many looks in a row must find no connection, which takes a second: callers that were sent away come back as long as their
 * Service leads here, which can be that long after the pod was deleted.
 */
const quietLooks = 10

/** So many requests in a row that nobody listens to are of an Envoy that is gone. Others may fail and are made again. */
const goneRefusals = 3

/**
 * Waits for a signal, then drains an Envoy and resolves to the exit code: 0 when no connection of callers is left, 1 when some are
 * after the timeout or Envoy is gone, 130 or 143 at a second signal. `note` gets lines for people.
 */
export async function drainEnvoy(
  { admin: address, timeoutMs }: DrainOptions,
  { asked, hurry }: DrainSignals,
  note: (line: string) => void,
): Promise<number> {
  if (!asked.aborted) await warnOfMistakes(address, asked, note)
  note(`waiting for SIGTERM to drain Envoy at ${address}`)
  await until(asked)
  const cut = AbortSignal.any([hurry, AbortSignal.timeout(timeoutMs)])
  const seen: Seen = {}
  try {
    await drain(address, { cut, seen, note })
    note('drained')
    return 0
  } catch (error) {
    const when = hurry.aborted ? 'when a second signal came' : `after ${timeoutMs} ms`
    const problem = cut.aborted ? `not drained ${when}` : messageOf(error)
    note(`error: ${problem}${seen.left === undefined ? '' : `; connections left: ${seen.left}`}`)
    return hurry.aborted ? hurry.reason : 1
  }
}

/** What the last look found. */
interface Seen {
  left?: number
}

interface DrainWork {
  cut: AbortSignal
  seen: Seen
  note: (line: string) => void
}

/** Drains until nobody is left. Envoy ends after this, and calls with it: so a failed request is no reason to give up. */
async function drain(address: string, { cut, seen, note }: DrainWork): Promise<void> {
  using admin = new EnvoyAdmin(address)
  let [told, warned, quiet, refusals] = [false, false, 0, 0]
  while (quiet < quietLooks) {
    try {
      if (!told) await admin.drainListeners(cut)
      told = true
      const left = await admin.connections(cut)
      if (seen.left === undefined) note(`draining, connections: ${left}`)
      seen.left = left
      quiet = left > 0 ? 0 : quiet + 1
      refusals = 0
    } catch (error) {
      refusals = isRefused(error) ? refusals + 1 : 0
      if (cut.aborted || refusals === goneRefusals) throw error
      if (!warned) note(`warning: ${messageOf(error)}; asking again`)
      warned = true
      quiet = 0
    }
    if (quiet < quietLooks) await pause(lookEveryMs, undefined, { signal: cut })
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED'
}

/** A wrong address is seen when the pod starts, not only when it ends. */
async function warnOfMistakes(address: string, asked: AbortSignal, note: (line: string) => void): Promise<void> {
  using admin = new EnvoyAdmin(address)
  try {
    await admin.connections(AbortSignal.any([asked, AbortSignal.timeout(1000)]))
  } catch (error) {
    if (!asked.aborted) note(`warning: ${messageOf(error)}`)
  }
}

/** Signals keep no process alive. */
async function until(asked: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 2 ** 30)
  if (!asked.aborted) await once(asked, 'abort')
  clearInterval(alive)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
