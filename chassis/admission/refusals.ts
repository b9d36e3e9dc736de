import { CallError } from '../errors.ts'

/** Bounds of the time to come back after, in milliseconds. */
const [shortestMs, longestMs] = [1, 10_000]

/** The error of a task that came at the in-flight limit. `workMs`: until all that is in flight is computed. */
export function fullError(workMs: number, { queueLimit, workers }: { queueLimit: number; workers: number }): CallError {
  const limit = `${queueLimit + workers} tasks are in flight, the limit (${queueLimit} waiting + ${workers} workers)`
  return refusal('full', limit, workMs)
}

/** The error of a task that would wait longer than is allowed, by expectation. */
export function overdueError(workMs: number, { waitMs, allowedMs }: { waitMs: number; allowedMs: number }): CallError {
  return refusal(
    'overloaded',
    `it would wait about ${ms(waitMs)} for a worker, over the target of ${ms(allowedMs)}`,
    workMs,
  )
}

/** The error of a task that would not be done before its deadline, by expectation. */
export function lateError(workMs: number, task: { waitMs: number; costMs: number; leftMs: number }): CallError {
  const { waitMs, costMs, leftMs } = task
  const needs = `about ${ms(waitMs)} to wait and up to ${ms(costMs)} to compute do not fit the ${ms(leftMs)} that are left`
  return refusal('overloaded', needs, workMs)
}

function refusal(code: 'full' | 'overloaded', why: string, workMs: number): CallError {
  const retryAfterMs = Math.ceil(Math.min(Math.max(workMs, shortestMs), longestMs))
  return new CallError(code, `${why}; come back in ${retryAfterMs} ms`, { retryAfterMs })
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
}
