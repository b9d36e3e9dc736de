import { monotonicMs } from './clock.ts'
import type { Answer } from './messages.ts'
import type { ReplacementReason } from './observer.ts'
import type { PendingTask } from './pending-task.ts'
import { WorkerThread } from './worker.ts'

/** What a crew tells the pool. */
export interface CrewListener {
  /** A thread can take its first task. */
  ready(worker: WorkerThread): void
  /** A thread has answered for the task that ran. */
  answered(worker: WorkerThread, task: PendingTask, answer: Answer): void
  /** A thread is out of the crew; its tasks are still with it. */
  left(worker: WorkerThread, reason: ReplacementReason, cause: unknown): void
}

/** How a crew is made up. */
export interface CrewOptions {
  tasks: URL
  workers: number
  maxHeapMb: number
  listener: CrewListener
}

/** Wait before a thread is started again after one died before its first task; doubles with each, up to the largest. */
const firstBackOffMs = 50
const largestBackOffMs = 5000

/** The threads of a pool: keeps one in each of its seats, and ends those that are dismissed. */
export class Crew {
  readonly #options: CrewOptions
  readonly #seats: (WorkerThread | undefined)[]
  #ready: readonly WorkerThread[] = []
  /** Dismissed threads that are not gone: native code in them goes on until it returns. */
  readonly #leaving = new Set<WorkerThread>()
  readonly #started = Promise.withResolvers<void>()
  /** Whether all seats were ready once. */
  #complete = false
  #deathsAtStart = 0
  #startMs = Number.POSITIVE_INFINITY
  #backOff: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: CrewOptions) {
    this.#options = options
    this.#seats = Array.from({ length: options.workers }, () => undefined)
  }

  /** Starts all threads; resolves when each is ready, rejects when one cannot start. */
  async start(): Promise<void> {
    this.#fill()
    await this.#started.promise
  }

  /** The threads that are ready. */
  get workers(): readonly WorkerThread[] {
    return this.#ready
  }

  /** What a new thread costs, in milliseconds until it is ready: the least so far, as the others had to wait for a core. */
  get startMs(): number {
    return this.#startMs
  }

  /** Adds a seat, whose thread starts now. */
  addSeat(): void {
    this.#seats.push(undefined)
    this.#fill()
  }

  /** Takes a thread out at once and ends it; another one takes its seat. */
  dismiss(worker: WorkerThread, reason: 'ignored-stop' | 'stopped'): void {
    this.#leave(worker, reason, undefined)
    this.#end(worker)
    this.#fill()
  }

  /** Ends all threads; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#backOff)
    for (const worker of this.#seats) if (worker !== undefined) this.#end(worker)
    await Promise.all([...this.#leaving].map((worker) => worker.exited))
  }

  #end(worker: WorkerThread): void {
    this.#leaving.add(worker)
    worker.terminate()
  }

  #leave(worker: WorkerThread, reason: ReplacementReason, cause: unknown): void {
    this.#seats[worker.index] = undefined
    this.#listReady()
    this.#options.listener.left(worker, reason, cause)
  }

  /**
   * Starts a thread in each empty seat. A dismissed thread may keep a core for seconds, so there are never more than twice
   * as many threads as seats: whoever makes tasks that cannot be stopped gets no third thread out of it.
   */
  #fill(): void {
    if (this.#closed || this.#backOff !== undefined) return
    for (const [index, seat] of this.#seats.entries()) {
      if (seat !== undefined) continue
      if (this.#seats.filter(Boolean).length + this.#leaving.size >= 2 * this.#seats.length) return
      this.#seats[index] = this.#startThread(index)
    }
  }

  #startThread(index: number): WorkerThread {
    const { tasks, maxHeapMb, listener } = this.#options
    return new WorkerThread({
      index,
      tasks,
      maxHeapMb,
      listener: {
        ready: (worker) => this.#onReady(worker),
        answered: (worker, task, answer) => {
          this.#deathsAtStart = 0
          if (this.#seats[index] === worker) listener.answered(worker, task, answer)
        },
        exited: (worker, cause) => this.#onExit(worker, cause),
      },
    })
  }

  #listReady(): void {
    this.#ready = this.#seats.filter((worker) => worker !== undefined).filter(({ ready }) => ready)
  }

  #onReady(worker: WorkerThread): void {
    if (this.#closed) return
    this.#startMs = Math.min(this.#startMs, monotonicMs() - worker.startedMs)
    this.#listReady()
    if (this.#ready.length === this.#seats.length) {
      this.#complete = true
      this.#started.resolve()
    }
    this.#options.listener.ready(worker)
  }

  #onExit(worker: WorkerThread, cause: unknown): void {
    this.#leaving.delete(worker)
    if (this.#closed) return
    if (!this.#complete) {
      const why = cause instanceof Error ? cause.message : 'it ended by itself'
      this.#started.reject(new Error(`no worker thread can load ${this.#options.tasks.href}: ${why}`, { cause }))
      return
    }
    if (this.#seats[worker.index] === worker) {
      this.#leave(worker, 'died', cause)
      if (!worker.used) this.#waitBeforeNext()
    }
    this.#fill()
  }

  #waitBeforeNext(): void {
    const waitMs = Math.min(firstBackOffMs * 2 ** this.#deathsAtStart, largestBackOffMs)
    this.#deathsAtStart += 1
    this.#backOff ??= setTimeout(() => {
      this.#backOff = undefined
      this.#fill()
    }, waitMs)
  }
}
