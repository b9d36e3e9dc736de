import { setTimeout as delay } from 'node:timers/promises'
import { type Client, status } from '@grpc/grpc-js'
import { holdFor } from '../support/hold.ts'

/** What a load for some time has met. */
export interface TimedCalls {
  /** Of the calls that were answered, in milliseconds. */
  latenciesMs: number[]
  /** Those that did not end with OK, as `STATUS details`. */
  lost: string[]
}

/** How long and how much. */
export interface TimedLoad {
  seconds: number
  ratePerSecond: number
}

/** Calls the hold workload at a steady rate, whether calls are answered or not, and resolves once all of them have ended. */
export async function timedCalls(client: Client, { seconds, ratePerSecond }: TimedLoad): Promise<TimedCalls> {
  const result: TimedCalls = { latenciesMs: [], lost: [] }
  const call = async (dueMs: number): Promise<void> => {
    const { code, details } = await holdFor(client, 0)
    // From when it was due: a late timer here must not hide what a caller waits.
    if (code === status.OK) result.latenciesMs.push(performance.now() - dueMs)
    else result.lost.push(`${status[code]} ${details}`)
  }
  const startedAtMs = performance.now()
  const open: Promise<void>[] = []
  for (let made = 0; made < seconds * ratePerSecond; made += 1) {
    const dueMs = startedAtMs + (made * 1000) / ratePerSecond
    if (dueMs > performance.now()) await delay(dueMs - performance.now())
    open.push(call(dueMs))
  }
  await Promise.all(open)
  return result
}
