import { bucketMs, filled } from './buckets.ts'
import type { Tally } from './tally.ts'

/** How a load went, as `spread --json --timeline` prints it. Buckets are by when calls were to be sent. */
export interface Timeline {
  /** `Date.now()` at the first bucket. */
  startedAt: number
  bucketMs: number
  /** Calls that ended with OK, by pod; then those that ended with RESOURCE_EXHAUSTED, and those that were lost. */
  callsPerPod: Record<string, number[]>
  refused: number[]
  lost: number[]
  /** When the first and the last call to which a pod said OK were sent, in milliseconds of `Date.now()`. */
  pods: Record<string, { firstSentAt: number; lastSentAt: number }>
}

/** The timeline of a load that began at `startedAt`. */
export function timelineOf({ pods, refusedTimeline, lostTimeline }: Tally, startedAt: number): Timeline {
  const at = (ms: number): number => startedAt + Math.round(ms)
  const answering = [...pods].filter(([, { calls }]) => calls > 0)
  const sent = answering.map(([name, { firstSentMs, lastSentMs }]) => {
    return [name, { firstSentAt: at(firstSentMs), lastSentAt: at(lastSentMs) }] as const
  })
  return {
    startedAt,
    bucketMs,
    callsPerPod: Object.fromEntries([...pods].map(([name, { timeline }]) => [name, filled(timeline)])),
    refused: filled(refusedTimeline),
    lost: filled(lostTimeline),
    pods: Object.fromEntries(sent),
  }
}
