import { setTimeout as delay } from 'node:timers/promises'
import type { Callers } from './overload-callers.ts'
import { type Ended, sendJobs } from './overload-load.ts'
import { quantile, type Row } from './row.ts'
import { spikePlot } from './spike-plot.ts'

/** How long before, of and after the spike, in ms. */
const [beforeMs, spikeMs, afterMs] = [5000, 10_000, 5000]
const totalMs = beforeMs + spikeMs + afterMs
/** Calls are looked at by so many milliseconds. */
const binMs = 100

/** Ten seconds of ten times the capacity in the middle of 0.8 times: how long after it until answers are as many again. */
export async function spikeRow(callers: Callers, capacity: number): Promise<Row> {
  const steady = sendJobs(callers, { rate: 0.8 * capacity, seconds: totalMs / 1000 })
  await delay(beforeMs)
  const spike = await sendJobs(callers, { rate: 9.2 * capacity, seconds: spikeMs / 1000, seed: 3 })
  const { calls } = await steady
  const parts = partsOf(calls)
  // Of the worst tenth of a second of ten: single calls come and go.
  const before = parts.slice(1000 / binMs, beforeMs / binMs).toSorted((a, b) => a - b)
  const usual = quantile(before, 0.1)
  const after = parts.slice((beforeMs + spikeMs) / binMs)
  const recovered = after.findIndex((part, bin) => part >= usual && (after[bin + 1] ?? 1) >= usual)
  const first = after.slice(0, 10).map((part) => part.toFixed(2))
  return {
    name: 'after 10 s of 10 × capacity: until the usual part of calls is answered in time again',
    value: recovered < 0 ? Number.POSITIVE_INFINITY : (recovered * binMs) / 1000,
    unit: 's',
    aim: 1,
    peer: `part answered per ${binMs} ms, before ${usual.toFixed(2)} or more: ${first.join(' ')}`,
    picture: spikePlot({
      calls: [...calls, ...spike.calls.map((call) => ({ ...call, intendedMs: call.intendedMs + beforeMs }))],
      capacity,
      binMs,
      spike: { fromMs: beforeMs, toMs: beforeMs + spikeMs, endMs: totalMs },
    }),
  }
}

/** Part of the calls of each bin that was answered in time. */
function partsOf(calls: readonly Ended[]): number[] {
  const counts = Array.from({ length: totalMs / binMs }, () => ({ sent: 0, good: 0 }))
  for (const { intendedMs, end } of calls) {
    const bin = counts[Math.min(counts.length - 1, Math.floor(intendedMs / binMs))]
    if (bin === undefined) continue
    bin.sent += 1
    if (end === 'ok') bin.good += 1
  }
  return counts.map(({ sent, good }) => (sent === 0 ? 1 : good / sent))
}
