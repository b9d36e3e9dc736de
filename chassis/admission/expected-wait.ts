import type { FairLine, Queued } from './fair-line.ts'

/** A task that a worker computes. */
export interface Running {
  readonly meanMs: number
  readonly highMs: number
  readonly isLong: boolean
  /** When it was sent to its worker, on the clock of `monotonicMs`. */
  readonly offeredMs: number
}

/** What a task that comes has before it. */
export interface Ahead<T extends Queued> {
  line: FairLine<T>
  /** Expected computing time of those of its flow that are held, in milliseconds. */
  heldMs: number
  /** What the workers compute now; those that are idle have nothing. */
  running: readonly Running[]
  /** Number of workers, without the spare. */
  workers: number
  nowMs: number
}

/**
 * How long a task would wait for a worker if it came now, in milliseconds, by mean costs. Long tasks do not stand in the way of short
 * ones: they leave them the workers that compute short ones, and the spare at the least.
 */
export function expectedWaitMs<T extends Queued>(task: Pick<Queued, 'flow' | 'isLong'>, ahead: Ahead<T>): number {
  const { line, heldMs, running, workers, nowMs } = ahead
  const inTheWay = task.isLong ? running : running.filter(({ isLong }) => !isLong)
  const servers = task.isLong ? workers : Math.max(1, workers - (running.length - inTheWay.length))
  let workMs = line.workAheadMs(task) + heldMs
  // With a worker free for each task in the way, nobody waits.
  for (const each of inTheWay) workMs += remainingMs(each, nowMs)
  return workMs / servers
}

/**
 * How long a task that runs is expected to go on, in milliseconds. One that is over its mean is taken for one of the long ones of its
 * kind.
 */
export function remainingMs({ meanMs, highMs, offeredMs }: Omit<Running, 'isLong'>, nowMs: number): number {
  const elapsedMs = nowMs - offeredMs
  return Math.max(0, (elapsedMs < meanMs ? meanMs : highMs) - elapsedMs)
}
