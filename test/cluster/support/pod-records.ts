import type { Timeline } from '../../../cli/spread/timeline.ts'
import type { PodTimes } from './pod-times.ts'
import type { LoadRecord, PodRecord } from './step-record.ts'

/** A pod that was ready for so long has to be called, in ms. */
const longReadyMs = 2000

/** When the last calls were to be sent. */
function endOf({ startedAt, bucketMs, callsPerPod, refused, lost }: Timeline): number {
  return (
    startedAt + bucketMs * Math.max(0, ...[...Object.values(callsPerPod), refused, lost].map(({ length }) => length))
  )
}

/** How soon callers used the pods that became ready since then, and ceased to use those that were deleted since then. */
export function podRecords(pods: readonly PodTimes[], loads: readonly LoadRecord[], sinceMs: number): PodRecord[] {
  const isSince = (atMs: number | undefined): atMs is number => atMs !== undefined && atMs >= sinceMs
  const touched = pods.filter(({ readyAtMs, deletedAtMs }) => isSince(readyAtMs) || isSince(deletedAtMs))
  return touched.map(({ name, node, readyAtMs, deletedAtMs }) => {
    const times = { readyToFirstCallMs: {}, deletedToLastCallMs: {} }
    const record: PodRecord = { name, node, readyAtMs, deletedAtMs, neverCalledBy: [], ...times }
    for (const { name: load, timeline } of loads) {
      const calls = timeline.pods[name]
      if (calls === undefined) {
        const untilMs = Math.min(deletedAtMs ?? Number.POSITIVE_INFINITY, endOf(timeline))
        if (isSince(readyAtMs) && untilMs - readyAtMs >= longReadyMs) record.neverCalledBy.push(load)
        continue
      }
      if (isSince(readyAtMs)) record.readyToFirstCallMs[load] = calls.firstSentAt - readyAtMs
      if (isSince(deletedAtMs)) record.deletedToLastCallMs[load] = calls.lastSentAt - deletedAtMs
    }
    return record
  })
}

/** The same timeline with the names of pods where it has their addresses, as answers of servers that say nothing of themselves do. */
export function withPodNames(timeline: Timeline, pods: readonly PodTimes[]): Timeline {
  const names = new Map(pods.map(({ name, address }) => [address, name]))
  const renamed = <T>(of: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(of).map(([key, value]) => [names.get(key.replace(/:\d+$/, '')) ?? key, value]))
  return { ...timeline, callsPerPod: renamed(timeline.callsPerPod), pods: renamed(timeline.pods) }
}
