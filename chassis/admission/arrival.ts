import { monotonicMs } from '../workers/clock.ts'
import type { Admission, Candidate } from './admission.ts'
import type { Cost } from './cost.ts'
import type { Criticality } from './criticality.ts'
import type { Flow } from './fair-line.ts'

/** What is said of a task by whoever wants it run. */
export interface Asked {
  task: string
  expectedMs?: number
  /** In milliseconds since the epoch. Default: never. */
  deadlineMs?: number
  criticality?: Criticality
  whenFull?: 'refuse' | 'wait'
}

/** What is known of a task when it comes. Times are milliseconds on the clock of `monotonicMs`. */
export interface Arrival {
  arrivedMs: number
  deadlineAtMs: number
  flow: Flow
  cost: Cost
  isLong: boolean
}

/** Looks up what a task costs, and whose share it has. */
export function arrivalOf<T extends Candidate<T>>(asked: Asked, arrivedMs: number, admission: Admission<T>): Arrival {
  const { task, expectedMs, whenFull, criticality = 'interactive', deadlineMs = Number.POSITIVE_INFINITY } = asked
  const cost = admission.costs.of(task, expectedMs)
  const deadlineAtMs = monotonicMs() + (deadlineMs - Date.now())
  // Without a target all tasks are alike, and wait in one line.
  const flow = admission.hasTarget ? (whenFull === 'wait' ? 'underway' : criticality) : 'interactive'
  return { arrivedMs, deadlineAtMs, cost, flow, isLong: admission.isLong(cost) }
}
