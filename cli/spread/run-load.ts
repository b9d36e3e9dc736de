import { statusName } from '../primes/call-failure.ts'
import { arrivalTimesMs } from './arrivals.ts'
import { Load } from './load.ts'
import type { LoadOptions } from './load-options.ts'
import { openChannels } from './open-channels.ts'
import { sendOnSchedule } from './send-on-schedule.ts'
import { type Shares, sharesOf } from './shares.ts'
import { type Summary, summarize } from './summarize.ts'
import type { Tally } from './tally.ts'
import { type Timeline, timelineOf } from './timeline.ts'

/** Between two reports of progress, in milliseconds. */
const progressEveryMs = 250

/** What came of a load. */
export interface LoadResult {
  summary: Summary
  /** Calls and busy time by pod, process and worker. */
  shares: Shares
  /** What the first call that ended with a status was told, by name of the status. */
  firstDetailsByCode: Record<string, string>
  /** Answers that did not say who gave them. */
  unidentified: number
  timeline: Timeline
  /** The signal ended the load before its time. */
  cutShort: boolean
}

/**
 * Sends calls on a fixed schedule, however slowly answers come, and says who answered, how evenly and how fast. Latency
 * counts from the time a call was to be sent. Resolves when all calls have ended; rejects with a `CommandError` when no
 * connection can be had.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { connections = 1, retries = 'transparent', rate, seconds, arrivals = 'even', seed = 1 } = options
  const signal = options.signal ?? new AbortController().signal
  using opened = await openChannels({ ...options, connections, retries }, signal)
  const startedAt = Date.now()
  const load = new Load(options, opened.channels, signal)
  const totalMs = seconds * 1000
  const report = (): void => options.onProgress?.({ totalMs, ...load.progress() })
  const reporting = setInterval(report, progressEveryMs)
  try {
    const timesMs = arrivalTimesMs({ rate, seconds, arrivals, seed })
    await sendOnSchedule({
      timesMs,
      startedAtMs: load.startedAtMs,
      send: (intendedMs) => load.send(intendedMs),
      signal,
    })
    // The last gap belongs to the load as well.
    const sentForMs = signal.aborted ? load.progress().elapsedMs : totalMs
    await load.ended()
    report()
    const summary = summarize(load.tally, { podsExpected: options.podsExpected ?? null, seconds: sentForMs / 1000 })
    return { summary, ...detailsOf(load.tally, startedAt), cutShort: signal.aborted }
  } finally {
    clearInterval(reporting)
  }
}

function detailsOf(tally: Tally, startedAt: number): Omit<LoadResult, 'summary' | 'cutShort'> {
  const errors = [...tally.errorsByCode]
  return {
    shares: sharesOf(tally),
    firstDetailsByCode: Object.fromEntries(errors.map(([code, { firstDetails }]) => [statusName(code), firstDetails])),
    unidentified: tally.unidentified,
    timeline: timelineOf(tally, startedAt),
  }
}
