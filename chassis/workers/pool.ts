import type { Criticality } from '../admission/criticality.ts'
import type { CallError } from '../errors.ts'
import type { PoolObserver } from './observer.ts'

/** How a pool is made up. */
export interface PoolOptions {
  /** The module that each thread loads; it exports `tasks` and may export `warmUp(tasks)`. */
  tasks: URL
  /** Number of threads, 1 or more. */
  workers: number
  /** Tasks that may wait for a thread, 0 or more. */
  queueLimit: number
  /** Longest expected wait of an interactive call, in milliseconds. Default: infinite, only the queue limit counts. */
  delayTargetMs?: number
  /** Part of the threads' time that batch calls keep while interactive ones wait, above 0 and below 1. Default 0.1. */
  batchShare?: number
  /** How long a task may ignore its stop before its thread is replaced, in milliseconds. Default 100. */
  stopGraceMs?: number
  /** A thread holds a task in advance when that one and the running one are expected to take less, in milliseconds. Default 2; 0 for never. */
  shortTaskMs?: number
  /** JavaScript heap of each thread in MB. Default: see `heapLimitMb`. */
  maxHeapMb?: number
  observer?: PoolObserver
  /** Ends a start that has not finished: `startPool` then rejects with its reason, and no thread is left. */
  signal?: AbortSignal | undefined
}

/** One task to run. */
export interface TaskRequest {
  /** Its name in the tasks module. */
  task: string
  /** Anything that the structured clone algorithm takes. */
  input: unknown
  /** Aborting it ends the task, wherever it is; its reason becomes the error. */
  signal: AbortSignal
  /** Guess of the computing time in milliseconds by the size of the operand; what tasks of one guess take is learned. */
  expectedMs?: number
  /** When the call ends at the latest, in milliseconds since the epoch. Default: never. */
  deadlineMs?: number
  /** Whose share of the threads' time it has. Default `interactive`. */
  criticality?: Criticality
  /**
   * When it would wait too long: `refuse` (default), or `wait` all the same, with a share of its own. Those with one signal are of
   * one call, and at most `workers` of them are in flight: a call with many tasks must not take the share of all others.
   */
  whenFull?: 'refuse' | 'wait'
  /**
   * When it is stopped: it must `ask` (default), and has `stopGraceMs` for it; or it never does, and its thread is ended at once
   * (`end-thread`) where a new thread costs less than what is expected to be left of it.
   */
  whenStopped?: 'ask' | 'end-thread'
}

/** What a task returned, and what it took. */
export interface TaskResult<Output> {
  output: Output
  /** Number of the thread, from 0. */
  worker: number
  /** From `run` until the thread began, in milliseconds. */
  queueMs: number
  /** Wall time in the thread, in milliseconds. */
  computeMs: number
}

/** Worker threads behind one bounded queue. Disposing it rejects all tasks and resolves when all threads are gone. */
export interface WorkerPool extends AsyncDisposable {
  /**
   * Runs a task on the next free thread, in the order of calls within its share. Rejects with the signal's reason, or with a
   * `CallError`: `full` at the in-flight limit (queue limit + workers), `overloaded` when it would wait beyond the delay target or not be
   * done before its deadline, what the task threw, `internal` for anything but a `CallError` (original as cause), `worker_lost`
   * when its thread died, `draining` when the pool closes.
   */
  run<Output>(request: TaskRequest): Promise<TaskResult<Output>>
  /** Why a task that came now would be refused at once, before anything is spent on it; undefined when it would not be. */
  refusal(criticality: Criticality): CallError | undefined
  /** Number of threads, also while one is being replaced, without the spare one. */
  readonly workers: number
  /** Threads that have a task to run; one more than there are workers while the spare one does. */
  readonly busy: number
  /** Tasks that have not begun: those that wait, and those that are held back to be refused. */
  readonly waiting: number
  /** `busy` + `waiting`. Above queue limit + workers only by the spare one's, and tasks of streams that have begun or were put back when their thread died. */
  readonly inFlight: number
}
