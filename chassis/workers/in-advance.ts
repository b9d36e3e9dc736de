import { monotonicMs } from './clock.ts'
import type { Crew } from './crew.ts'
import type { PendingTask } from './pending-task.ts'
import type { WorkerThread } from './worker.ts'

/** The tasks that threads hold behind the one they run: one each, and only a short one behind a short one. */
export class InAdvance {
  readonly #crew: Crew
  readonly #shortTaskMs: number

  /** Short is what is expected to take less than `shortTaskMs` milliseconds; 0: nothing is held. */
  constructor(crew: Crew, shortTaskMs: number) {
    this.#crew = crew
    this.#shortTaskMs = shortTaskMs
  }

  /** How many are held. */
  get count(): number {
    if (this.#shortTaskMs === 0) return 0
    return this.#crew.workers.filter((worker) => worker.held !== undefined).length
  }

  /** Whether a thread may hold this task. */
  mayHold(worker: WorkerThread, task: PendingTask): boolean {
    return worker.canHold && worker.running !== undefined && this.#isShort(worker.running) && this.#isShort(task)
  }

  /** The thread that may hold this task and will be free first. */
  holderOf(task: PendingTask): WorkerThread | undefined {
    if (!this.#isShort(task)) return undefined
    let holder: WorkerThread | undefined
    for (const worker of this.#crew.workers) {
      if (!this.mayHold(worker, task)) continue
      if (holder === undefined || begunBefore(worker, holder)) holder = worker
    }
    return holder
  }

  /** Takes a task back whose thread turned out to be slow. */
  takeOverdue(): PendingTask | undefined {
    return this.#takeBack(this.#shortTaskMs)
  }

  /** Takes any task back that has not begun. */
  takeAny(): PendingTask | undefined {
    return this.#takeBack(0)
  }

  #takeBack(heldForMs: number): PendingTask | undefined {
    if (this.#shortTaskMs === 0) return undefined
    for (const worker of this.#crew.workers) {
      if (worker.held === undefined || monotonicMs() - worker.held.offeredMs < heldForMs) continue
      const task = worker.takeBack()
      if (task !== undefined) return task
    }
    return undefined
  }

  /** A task that was put back is not held again: it goes to a free thread next. */
  #isShort({ request, returns, meanMs }: PendingTask): boolean {
    return returns === 0 && request.expectedMs !== undefined && meanMs < this.#shortTaskMs
  }
}

function begunBefore({ running }: WorkerThread, other: WorkerThread): boolean {
  return (running?.offeredMs ?? 0) < (other.running?.offeredMs ?? 0)
}
