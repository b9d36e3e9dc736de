import type { FairLine } from '../admission/fair-line.ts'
import { monotonicMs } from './clock.ts'
import type { Answer } from './messages.ts'
import type { PoolObserver } from './observer.ts'
import type { PendingTask } from './pending-task.ts'
import type { WorkerThread } from './worker.ts'

/** What is learned of a task by its end: what its kind costs, what its flow has had, how long it ran for nobody. */
export class Lessons {
  readonly #line: FairLine<PendingTask>
  readonly #observer: PoolObserver

  constructor(line: FairLine<PendingTask>, observer: PoolObserver) {
    this.#line = line
    this.#observer = observer
  }

  /** It never began, after all: its flow gets its time back. */
  ofUnbegun({ flow, meanMs }: PendingTask): void {
    this.#line.charge(flow, -meanMs)
  }

  /** A task that was stopped took less than it would have: it teaches only when it took more than expected. */
  ofAnswered(task: PendingTask, { kind, startedMs, computeMs }: Exclude<Answer, { kind: 'skipped' }>): void {
    if (kind !== 'stopped' || computeMs > task.meanMs) task.cost.learn(computeMs)
    this.#line.charge(task.flow, computeMs - task.meanMs)
    this.#observer.finished?.(computeMs, task.meanMs)
    if (task.stoppedMs !== undefined) this.#observer.stopped?.(Math.max(0, startedMs + computeMs - task.stoppedMs))
  }

  /** Its thread is given up, but may go on for a while: native code ends when it looks up. */
  ofLost({ offeredMs, stoppedMs, meanMs, cost, flow }: PendingTask, worker: WorkerThread): void {
    const computeMs = monotonicMs() - offeredMs
    if (computeMs > meanMs) cost.learn(computeMs)
    this.#line.charge(flow, computeMs - meanMs)
    if (stoppedMs === undefined) return
    void worker.exited.then(() => this.#observer.stopped?.(monotonicMs() - stoppedMs))
  }
}
