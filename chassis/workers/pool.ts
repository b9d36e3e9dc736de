import type { PoolObserver } from './observer.ts'

/** How a pool is made up. */
export interface PoolOptions {
  /** The module that each thread loads; it exports `tasks` and may export `warmUp(tasks)`. */
  tasks: URL
  /** Number of threads, 1 or more. */
  workers: number
  /** Tasks that may wait for a thread, 0 or more. */
  queueLimit: number
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
  /** Rough upper estimate of the computing time in milliseconds; unknown counts as long. */
  expectedMs?: number
  /**
   * At the in-flight limit: `refuse` (default), or `wait` for a place behind the others that do. Those with one signal are of
   * one call, and at most `workers` of them are in flight: a call with many tasks must not fill the queue for all others.
   */
  whenFull?: 'refuse' | 'wait'
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
   * Runs a task on the next free thread, in the order of calls. Rejects with the signal's reason, or with a `CallError`:
   * `full` at the in-flight limit (queue limit + workers), what the task threw, `internal` for anything but a `CallError`
   * (original as cause), `worker_lost` when its thread died, `draining` when the pool closes.
   */
  run<Output>(request: TaskRequest): Promise<TaskResult<Output>>
  /** Number of threads, also while one is being replaced. */
  readonly workers: number
  /** Threads that have a task to run. */
  readonly busy: number
  /** Tasks that have a place and have not begun. */
  readonly waiting: number
  /** `busy` + `waiting`; never above queue limit + workers, but for tasks put back after their thread died. */
  readonly inFlight: number
}
