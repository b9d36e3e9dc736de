import { CallError } from '../errors.ts'

/** How full a pool is. */
export interface Load {
  /** Tasks in line, with and without a place. */
  waiting: number
  /** Places in the queue. */
  queueLimit: number
  workers: number
}

/** Assumed of a task while none has ended yet, in milliseconds. */
const unknownComputeMs = 50

/** Part that the newest computing time has in the average: about the last 16 count. */
const weight = 1 / 16

/** Longest time to come back after, in milliseconds. */
const longestMs = 10_000

/** Tells refused callers when to come back: when all that is in flight now will have been computed. */
export class Pushback {
  #meanComputeMs = unknownComputeMs

  /** A task ended after `computeMs` milliseconds. */
  computed(computeMs: number): void {
    this.#meanComputeMs += (computeMs - this.#meanComputeMs) * weight
  }

  /** The error of a task that came at the in-flight limit. */
  full({ waiting, queueLimit, workers }: Load): CallError {
    const workMs = this.#meanComputeMs * (waiting + workers)
    const retryAfterMs = Math.ceil(Math.min(workMs / workers, longestMs))
    const bound = `${queueLimit + workers} tasks are in flight, the limit (${queueLimit} waiting + ${workers} workers)`
    return new CallError('full', `${bound}; come back in ${retryAfterMs} ms`, { retryAfterMs })
  }
}
