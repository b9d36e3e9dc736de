import { status } from '@grpc/grpc-js'
import { build, type Histogram } from 'hdr-histogram-js'
import { type Buckets, countIn } from './buckets.ts'
import type { CallEnd } from './call-end.ts'

/** What one pod, process or worker did. */
export interface Share {
  /** Calls that ended with OK. */
  calls: number
  /** Computing time of these in milliseconds, as the replica measured it. */
  busyMs: number
}

/** What one pod did. */
export interface PodTally extends Share {
  /** Calls that it refused as full. */
  refused: number
  /** By process, and by process and worker (`0/3`). */
  processes: Map<string, Share>
  workers: Map<string, Share>
  /** Its `calls`. */
  timeline: Buckets
  /** When the first and the last of its `calls` were sent, in milliseconds from the start of the load. */
  firstSentMs: number
  lastSentMs: number
}

/**
 * Adds up how calls ended: a few counters and histograms, whatever the number of calls. Latencies are of calls that ended
 * with OK, in microseconds, good to three digits.
 */
export class Tally {
  sent = 0
  ok = 0
  refused = 0
  lost = 0
  /** Of the lost: their connection broke between headers and trailers, where no proxy can retry. */
  cut = 0
  /** Sent more than once by this client. */
  retried = 0
  /** Never sent, because too many were in flight. */
  notSent = 0
  /** Ended with OK without saying who answered. */
  unidentified = 0
  readonly errorsByCode = new Map<number, { calls: number; firstDetails: string }>()
  readonly pods = new Map<string, PodTally>()
  readonly refusedTimeline: Buckets = []
  readonly lostTimeline: Buckets = []
  readonly latencyUs: Histogram = build({ useWebAssembly: false })
  readonly queueUs: Histogram = build({ useWebAssembly: false })
  maxLatencyMs = 0

  /** Adds one call. */
  record(call: CallEnd): void {
    this.sent += 1
    if (call.attempts > 1) this.retried += 1
    if (call.code === status.OK) this.#recordAnswer(call)
    else this.#recordError(call)
  }

  #recordAnswer(call: CallEnd): void {
    this.ok += 1
    this.latencyUs.recordValue(Math.round(call.latencyMs * 1000))
    this.maxLatencyMs = Math.max(this.maxLatencyMs, call.latencyMs)
    if (call.queueMs !== undefined) this.queueUs.recordValue(Math.round(call.queueMs * 1000))
    if (call.pod === undefined) {
      this.unidentified += 1
      return
    }
    const pod = this.#pod(call.pod)
    addTo(pod, call)
    countIn(pod.timeline, call.intendedMs)
    pod.firstSentMs = Math.min(pod.firstSentMs, call.sentMs)
    pod.lastSentMs = Math.max(pod.lastSentMs, call.sentMs)
    if (call.process === undefined) return
    addTo(entryOf(pod.processes, call.process), call)
    if (call.worker !== undefined) addTo(entryOf(pod.workers, `${call.process}/${call.worker}`), call)
  }

  #recordError({ code, details, pod, intendedMs, headersSeen, trailersSeen }: CallEnd): void {
    const errors = this.errorsByCode.get(code)
    if (errors) errors.calls += 1
    else this.errorsByCode.set(code, { calls: 1, firstDetails: details })
    if (code === status.RESOURCE_EXHAUSTED) {
      this.refused += 1
      countIn(this.refusedTimeline, intendedMs)
      if (pod !== undefined) this.#pod(pod).refused += 1
    } else if (code !== status.INVALID_ARGUMENT) {
      this.lost += 1
      countIn(this.lostTimeline, intendedMs)
      const broken = code === status.INTERNAL || code === status.UNAVAILABLE
      if (broken && headersSeen && !trailersSeen) this.cut += 1
    }
  }

  #pod(name: string): PodTally {
    const known = this.pods.get(name)
    if (known) return known
    const nothing = { calls: 0, busyMs: 0, refused: 0, firstSentMs: Number.POSITIVE_INFINITY, lastSentMs: 0 }
    const pod = { ...nothing, processes: new Map(), workers: new Map(), timeline: [] }
    this.pods.set(name, pod)
    return pod
  }
}

function addTo(share: Share, call: CallEnd): void {
  share.calls += 1
  share.busyMs += call.computeMs ?? 0
}

function entryOf(shares: Map<string, Share>, key: string): Share {
  const known = shares.get(key)
  if (known) return known
  const share = { calls: 0, busyMs: 0 }
  shares.set(key, share)
  return share
}
