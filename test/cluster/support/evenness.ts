import { dice } from '../../../cli/spread/dice.ts'
import type { Timeline } from '../../../cli/spread/timeline.ts'
import type { Evenness } from './step-record.ts'

/** Which calls are looked at, and which pods should have got some. */
export interface EvennessWindow {
  fromMs: number
  toMs: number
  pods: readonly string[]
}

/** How evenly the calls of a while were spread over pods, counted in whole buckets. */
export function evennessOf({ startedAt, bucketMs, callsPerPod }: Timeline, window: EvennessWindow): Evenness {
  const from = Math.ceil((window.fromMs - startedAt) / bucketMs)
  const to = Math.floor((window.toMs - startedAt) / bucketMs)
  const sums = Object.entries(callsPerPod).map(([pod, calls]): [string, number] => [
    pod,
    calls.slice(Math.max(0, from), Math.max(0, to)).reduce((sum, count) => sum + count, 0),
  ])
  const counted = new Map(window.pods.map((pod): [string, number] => [pod, 0]))
  for (const [pod, calls] of sums) if (calls > 0) counted.set(pod, calls)
  const counts = [...counted.values()]
  const total = counts.reduce((sum, count) => sum + count, 0)
  const fewest = Math.min(...counts)
  return {
    callsPerPod: Object.fromEntries(counted),
    maxOverMin: fewest > 0 ? Math.max(...counts) / fewest : null,
    diceP99: dice(total, Math.max(1, counts.length)),
  }
}
