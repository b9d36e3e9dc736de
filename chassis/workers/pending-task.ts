import type { QueueEntry } from '../admission/queue.ts'
import type { TaskRequest, TaskResult } from './pool.ts'

/** A task from `run` until its thread has answered. Its promise may be settled before that. */
export class PendingTask {
  readonly request: TaskRequest
  readonly promise: Promise<TaskResult<unknown>>
  /** When it came, on the clock of `monotonicMs`. */
  readonly arrivedMs: number
  /** Its place in the queue while it is there. */
  entry: QueueEntry<PendingTask> | undefined
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
  readonly #onAbort: (task: PendingTask) => void

  /** Calls `onAbort` when the request's signal is aborted before the promise is settled. */
  constructor(request: TaskRequest, arrivedMs: number, onAbort: (task: PendingTask) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult<unknown>>()
    this.request = request
    this.promise = promise
    this.arrivedMs = arrivedMs
    this.#resolve = resolve
    this.#reject = reject
    this.#onAbort = onAbort
    request.signal.addEventListener('abort', this)
  }

  /** The listener of the signal; the object itself, so that no task needs a closure. */
  handleEvent(): void {
    this.#onAbort(this)
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
    this.request.signal.removeEventListener('abort', this)
    return true
  }
}
