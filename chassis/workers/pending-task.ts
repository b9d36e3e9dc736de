import type { Candidate } from '../admission/admission.ts'
import type { Arrival } from '../admission/arrival.ts'
import type { Cost } from '../admission/cost.ts'
import type { Flow } from '../admission/fair-line.ts'
import type { TaskRequest, TaskResult } from './pool.ts'

/** A task from `run` until its thread has answered. Its promise may be settled before that. */
export class PendingTask implements Candidate<PendingTask> {
  readonly request: TaskRequest
  readonly promise: Promise<TaskResult<unknown>>
  readonly arrivedMs: number
  readonly deadlineAtMs: number
  readonly flow: Flow
  /** What its kind costs, to learn from this one. */
  readonly cost: Cost
  /** Expected of it when it came, in milliseconds. */
  readonly meanMs: number
  readonly highMs: number
  /** Whether it is expected to keep a worker beyond the delay target, or has done so. */
  isLong: boolean
  expectedWaitMs = 0
  allowedWaitMs = Number.POSITIVE_INFINITY
  place: Candidate<PendingTask>['place']
  held: Candidate<PendingTask>['held']
  /** The thread that it was sent to. */
  worker: { stop(task: PendingTask): void } | undefined
  /** When it was sent to a thread, on the clock of `monotonicMs`. */
  offeredMs = 0
  /** When it was stopped while a thread ran it. */
  stoppedMs: number | undefined
  /** How often a thread died before it began this task. */
  returns = 0
  /** Whether the promise is settled; only the first result counts. */
  settled = false
  readonly #resolve: (result: TaskResult<unknown>) => void
  readonly #reject: (reason: unknown) => void
  readonly #onAbort: () => void

  /** Calls `onAbort` when the request's signal is aborted before the promise is settled. */
  constructor(request: TaskRequest, arrival: Arrival, onAbort: (task: PendingTask) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult<unknown>>()
    this.request = request
    this.promise = promise
    this.arrivedMs = arrival.arrivedMs
    this.deadlineAtMs = arrival.deadlineAtMs
    this.flow = arrival.flow
    this.cost = arrival.cost
    this.meanMs = arrival.cost.meanMs
    this.highMs = arrival.cost.highMs
    this.isLong = arrival.isLong
    this.#resolve = resolve
    this.#reject = reject
    // An object that listens costs an asynchronous function, which V8 takes for one that stays, and keeps its task.
    const onAborted = (): void => onAbort(this)
    this.#onAbort = onAborted
    request.signal.addEventListener('abort', onAborted)
  }

  resolve(result: TaskResult<unknown>): void {
    if (this.#settle()) this.#resolve(result)
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason)
  }

  #settle(): boolean {
    if (this.settled) return false
    this.settled = true
    this.request.signal.removeEventListener('abort', this.#onAbort)
    return true
  }
}
