import { status } from '@grpc/grpc-js'
import type { Histogram } from 'hdr-histogram-js'
import { dice } from './dice.ts'
import { type NamedShare, sharesOf } from './shares.ts'
import type { Share, Tally } from './tally.ts'

/** What `spread --json` prints, in this order. Times are in milliseconds but for `seconds`. */
export interface Summary {
  /** Calls that were sent and have ended. */
  sent: number
  ok: number
  /** Ended with RESOURCE_EXHAUSTED. */
  refused: number
  /** Ended with neither OK nor RESOURCE_EXHAUSTED nor INVALID_ARGUMENT. */
  lost: number
  /** Sent more than once by this client; what a proxy retried is not seen here. */
  retried: number
  /** By name of the status, such as UNAVAILABLE. */
  errorsByCode: Record<string, number>
  /** Of calls that ended with OK, from the time they were to be sent. */
  latencyMs: { p50: number; p90: number; p99: number; p999: number; max: number }
  /** Calls that ended with OK; processes are `pod/process`, workers `pod/process/worker`. */
  callsPerPod: Record<string, number>
  busyMsPerPod: Record<string, number>
  callsPerProcess: Record<string, number>
  callsPerWorker: Record<string, number>
  podsExpected: number | null
  /** Most over fewest calls per pod; infinite when fewer pods answered than expected. */
  maxOverMin: number
  /** Most busy time over the mean per pod; a pod that is missing counts as idle. */
  maxOverMean: number
  /** What max/min of calls a random choice stays under in 99 of 100 runs. */
  diceP99: number
  /** For how long calls were sent. */
  seconds: number
  /** Of the lost: cut between headers and trailers. */
  cut: number
  /** Waits in the queues of replicas, as these measured them. */
  queueWaitMs: { p50: number; p99: number }
  /** Not sent, because the bound of calls in flight was reached; then the load was lighter than asked for. */
  notSent: number
}

/** What a tally comes to. `podsExpected` is null where nobody said how many there are. */
export function summarize(
  tally: Tally,
  { podsExpected, seconds }: { podsExpected: number | null; seconds: number },
): Summary {
  const { pods, processes, workers } = sharesOf(tally)
  const expected = Math.max(podsExpected ?? 0, pods.length)
  return {
    sent: tally.sent,
    ok: tally.ok,
    refused: tally.refused,
    lost: tally.lost,
    retried: tally.retried,
    errorsByCode: Object.fromEntries(
      [...tally.errorsByCode].map(([code, { calls: count }]) => [status[code] ?? code, count]),
    ),
    latencyMs: latencies(tally),
    callsPerPod: callsByName(pods),
    busyMsPerPod: Object.fromEntries(pods.map(({ name, busyMs }) => [name, rounded(busyMs)])),
    callsPerProcess: callsByName(processes),
    callsPerWorker: callsByName(workers),
    podsExpected,
    maxOverMin: maxOverMin(pods, expected),
    maxOverMean: maxOverMean(pods, expected),
    diceP99: dice(tally.ok - tally.unidentified, expected),
    seconds: rounded(seconds),
    cut: tally.cut,
    queueWaitMs: { p50: quantileMs(tally.queueUs, 50), p99: quantileMs(tally.queueUs, 99) },
    notSent: tally.notSent,
  }
}

/** A quantile of a histogram of microseconds, in milliseconds; 0 when it is empty. */
function quantileMs(histogram: Histogram, percentile: number): number {
  return histogram.totalCount === 0 ? 0 : rounded(histogram.getValueAtPercentile(percentile) / 1000)
}

function latencies({ latencyUs, maxLatencyMs }: Tally): Summary['latencyMs'] {
  const max = rounded(maxLatencyMs)
  // The histogram rounds up to its three digits.
  const quantile = (percentile: number): number => Math.min(max, quantileMs(latencyUs, percentile))
  return { p50: quantile(50), p90: quantile(90), p99: quantile(99), p999: quantile(99.9), max }
}

function callsByName(shares: readonly NamedShare[]): Record<string, number> {
  return Object.fromEntries(shares.map(({ name, calls }) => [name, calls]))
}

function maxOverMin(pods: readonly Share[], expected: number): number {
  const calls = pods.map((pod) => pod.calls)
  const fewest = Math.min(...calls)
  return pods.length < Math.max(1, expected) || fewest === 0 ? Number.POSITIVE_INFINITY : Math.max(...calls) / fewest
}

function maxOverMean(pods: readonly Share[], expected: number): number {
  const total = pods.reduce((sum, pod) => sum + pod.busyMs, 0)
  // Where nothing was computed, all were equally busy.
  return total === 0 ? 1 : (Math.max(...pods.map((pod) => pod.busyMs)) * expected) / total
}

/** Microseconds are enough. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
