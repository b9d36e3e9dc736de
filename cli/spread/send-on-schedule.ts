import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

/**
 * How early a call may leave, in milliseconds: timers of Node are this coarse, and a call must not leave late because of
 * them. What leaves early is measured from when it left.
 */
const earlyMs = 1
/** Calls that leave without a look at answers, when the sender is behind. */
const mostAtOnce = 64

/** When to send, and what to do then. */
export interface SendOptions {
  /** Milliseconds from the start, ascending. */
  timesMs: Iterator<number, void>
  /** `performance.now()` at the start. */
  startedAtMs: number
  send: (intendedMs: number) => void
  signal: AbortSignal
}

/**
 * Sends on schedule whatever becomes of what was sent: an open loop. Resolves when all was sent or `signal` aborts, never
 * rejects for it. A sender that fell behind sends what is due as fast as it can.
 */
export async function sendOnSchedule({ timesMs, startedAtMs, send, signal }: SendOptions): Promise<void> {
  for (let next = timesMs.next(); !next.done && !signal.aborted; ) {
    const dueMs = performance.now() - startedAtMs + earlyMs
    let count = 0
    for (; !next.done && next.value <= dueMs && count < mostAtOnce; count += 1) {
      send(next.value)
      next = timesMs.next()
    }
    if (count === mostAtOnce) await nextTurn()
    else if (!next.done) await pause(Math.max(0, next.value - dueMs), undefined, { signal }).catch(() => {})
  }
}
