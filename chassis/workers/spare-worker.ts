import { monotonicMs } from './clock.ts'
import type { Crew } from './crew.ts'
import type { PendingTask } from './pending-task.ts'
import type { WorkerThread } from './worker.ts'

/** What a spare worker stands on. */
export interface SpareOptions {
  crew: Crew
  /** Number of workers without it. */
  workers: number
  /** Infinite: there is no spare worker. */
  delayTargetMs: number
  /** Whether a short task waits. */
  isWanted: () => boolean
  /** Gives the spare thread what it may run. */
  feed: (spare: WorkerThread) => void
}

/**
 * One thread more than there are workers. It runs short tasks, and only while long ones keep all others: the cores are shared out
 * by the operating system then, in slices of milliseconds. Without it a handful of factorizations would have a replica refuse
 * everything while it looks idle to a balancer that counts calls. It is started when it is first wanted.
 */
export class SpareWorker {
  readonly #options: SpareOptions
  #added = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: SpareOptions) {
    this.#options = options
  }

  /** Whether a thread is the spare one. */
  is({ index }: WorkerThread): boolean {
    return index >= this.#options.workers
  }

  /** Whether long tasks, or short ones that turned out to be long, keep all other threads; one that is being replaced does nothing. */
  get mayRun(): boolean {
    const { crew, delayTargetMs } = this.#options
    if (!Number.isFinite(delayTargetMs)) return false
    const nowMs = monotonicMs()
    let mayRun = true
    for (const worker of crew.workers) {
      if (this.is(worker)) continue
      const { running } = worker
      if (running !== undefined && nowMs - running.offeredMs > delayTargetMs) running.isLong = true
      if (running?.isLong !== true) mayRun = false
    }
    return mayRun
  }

  /** The spare thread, when it may run this task and has nothing to do. */
  idleFor({ isLong }: PendingTask): WorkerThread | undefined {
    const spare = this.#thread
    return isLong || spare === undefined || spare.running !== undefined || !this.mayRun ? undefined : spare
  }

  /** A short task waits, or a long one has begun: looks whether it is time, and again while short tasks wait. */
  look(): void {
    const { crew, delayTargetMs, isWanted, feed } = this.#options
    if (!this.mayRun) {
      // Whoever keeps a worker may turn out to be long, and nothing else would tell.
      if (Number.isFinite(delayTargetMs) && isWanted()) this.#timer ??= setTimeout(this.#lookAgain, delayTargetMs / 2)
      return
    }
    if (!this.#added) crew.addSeat()
    this.#added = true
    const spare = this.#thread
    if (spare !== undefined && spare.running === undefined) feed(spare)
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  get #thread(): WorkerThread | undefined {
    return this.#added ? this.#options.crew.workers.find((worker) => this.is(worker)) : undefined
  }

  readonly #lookAgain = (): void => {
    this.#timer = undefined
    if (this.#options.isWanted()) this.look()
  }
}
