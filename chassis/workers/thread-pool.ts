import { Admission } from '../admission/admission.ts'
import { arrivalOf } from '../admission/arrival.ts'
import type { Criticality } from '../admission/criticality.ts'
import { Turns } from '../admission/turns.ts'
import { CallError } from '../errors.ts'
import { monotonicMs } from './clock.ts'
import { Crew } from './crew.ts'
import { Dispatch } from './dispatch.ts'
import { availableMemoryBytes, heapLimitMb } from './heap-limit.ts'
import { InAdvance } from './in-advance.ts'
import { Lessons } from './lessons.ts'
import type { Answer } from './messages.ts'
import type { PoolObserver, ReplacementReason } from './observer.ts'
import { PendingTask } from './pending-task.ts'
import type { PoolOptions, TaskRequest, TaskResult, WorkerPool } from './pool.ts'
import { reviveThrown } from './revive-thrown.ts'
import { Watchdog } from './watchdog.ts'
import type { WorkerThread } from './worker.ts'

/** A task may see so many threads die before its turn; then it is a suspect itself. */
const maxReturns = 3

const closing = 'this replica is leaving; another one takes the call'

/** The pool itself: takes tasks in, and sees to their ends. `startPool` makes one. */
export class ThreadPool implements WorkerPool {
  readonly workers: number
  readonly #admission: Admission<PendingTask>
  readonly #observer: PoolObserver
  readonly #crew: Crew
  readonly #inAdvance: InAdvance
  readonly #lessons: Lessons
  readonly #dispatch: Dispatch
  readonly #watchdog: Watchdog
  readonly #turns: Turns
  #closed: Promise<void> | undefined

  constructor(options: PoolOptions) {
    const { tasks, workers, queueLimit, stopGraceMs = 100, shortTaskMs = 2, observer = {} } = options
    const { delayTargetMs = Number.POSITIVE_INFINITY, batchShare = 0.1 } = options
    // One more for the spare.
    const { maxHeapMb = heapLimitMb(workers + 1, availableMemoryBytes()) } = options
    if (!(workers >= 1)) throw new RangeError(`workers=${workers}: must be 1 or more`)
    this.workers = workers
    this.#admission = new Admission({ workers, queueLimit, delayTargetMs, batchShare }, this.#onHeldEnough)
    this.#turns = new Turns(workers)
    this.#observer = observer
    const listener = {
      ready: (worker: WorkerThread): void => this.#dispatch.feed(worker),
      answered: this.#onAnswer,
      left: this.#onLeft,
    }
    this.#crew = new Crew({ tasks, workers, maxHeapMb, listener })
    this.#inAdvance = new InAdvance(this.#crew, shortTaskMs)
    this.#lessons = new Lessons(this.#admission.line, observer)
    this.#dispatch = new Dispatch({
      admission: this.#admission,
      crew: this.#crew,
      inAdvance: this.#inAdvance,
      lessons: this.#lessons,
      observer,
      workers,
      delayTargetMs,
    })
    this.#watchdog = new Watchdog(stopGraceMs, this.#crew)
  }

  /** Resolves when all threads are ready, rejects when one cannot start. */
  start(): Promise<void> {
    return this.#crew.start()
  }

  get busy(): number {
    return this.#dispatch.running.length
  }

  get waiting(): number {
    return this.#admission.line.size + this.#admission.held.size + this.#inAdvance.count
  }

  get inFlight(): number {
    return this.busy + this.waiting
  }

  run<Output>(request: TaskRequest): Promise<TaskResult<Output>> {
    const arrivedMs = monotonicMs()
    const enter = (): Promise<TaskResult<unknown>> => this.#enter(request, arrivedMs)
    const result = request.whenFull === 'wait' ? this.#turns.take(request.signal, enter) : enter()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only the caller knows what its task returns
    return result as Promise<TaskResult<Output>>
  }

  refusal(criticality: Criticality): CallError | undefined {
    if (this.#dispatch.hasIdle) return undefined
    const workers = this.#dispatch.workersNow()
    if (this.#admission.hasPlace(workers) || this.#admission.mayGiveWay(criticality)) return undefined
    return this.#admission.full({ flow: criticality, isLong: false }, workers)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #enter(request: TaskRequest, arrivedMs: number): Promise<TaskResult<unknown>> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason)
    const task = new PendingTask(request, arrivalOf(request, arrivedMs, this.#admission), this.#onAbort)
    if (this.#closed !== undefined) task.reject(new CallError('draining', closing))
    else this.#dispatch.place(task)
    return task.promise
  }

  readonly #onHeldEnough = (task: PendingTask): void => {
    task.held = undefined
    this.#observer.refused?.()
    task.reject(this.#admission.overloaded(task, this.#dispatch.workersNow()))
  }

  readonly #onAnswer = (worker: WorkerThread, task: PendingTask, answer: Answer): void => {
    if (answer.kind === 'skipped') this.#lessons.ofUnbegun(task)
    else {
      const queueMs = answer.startedMs - task.arrivedMs
      const { computeMs } = answer
      this.#observer.taken?.(queueMs)
      this.#lessons.ofAnswered(task, answer)
      if (answer.kind === 'output') task.resolve({ output: answer.output, worker: worker.index, queueMs, computeMs })
      if (answer.kind === 'thrown') task.reject(reviveThrown(answer.thrown))
    }
    this.#dispatch.feed(worker)
    // What it held may have been stopped already, when it had just begun.
    if (worker.running?.settled === true) this.#watchdog.watch()
  }

  readonly #onAbort = (task: PendingTask): void => {
    task.reject(task.request.signal.reason)
    if (task.place !== undefined || task.held !== undefined) {
      this.#admission.leave(task)
      this.#observer.dropped?.('given-up')
      return
    }
    task.worker?.stop(task)
    this.#watchdog.watch()
  }

  readonly #onLeft = (worker: WorkerThread, reason: ReplacementReason, cause: unknown): void => {
    this.#dispatch.forget(worker)
    const { unbegun, lost } = worker.strip()
    for (const task of lost) {
      this.#lessons.ofLost(task, worker)
      task.reject(lostError(worker, cause))
    }
    for (const task of unbegun.toReversed()) {
      task.returns += 1
      if (task.returns > maxReturns) task.reject(lostError(worker, cause))
      else if (!task.settled) task.place = this.#admission.line.putBack(task)
    }
    this.#observer.replaced?.({ worker: worker.index, reason, cause })
    this.#dispatch.feedIdle()
  }

  async #close(): Promise<void> {
    this.#watchdog.stop()
    this.#dispatch.stop()
    this.#admission.held.close()
    const error = new CallError('draining', closing)
    for (let task = this.#dispatch.peek(false); task !== undefined; task = this.#dispatch.peek(false)) {
      this.#admission.leave(task)
      task.reject(error)
    }
    for (const worker of this.#crew.workers) {
      const { unbegun, lost } = worker.strip()
      for (const task of [...unbegun, ...lost]) task.reject(error)
    }
    await this.#crew.close()
  }
}

function lostError({ index }: WorkerThread, cause: unknown): CallError {
  return new CallError('worker_lost', `worker ${index} died while it had this call, and was replaced`, { cause })
}
