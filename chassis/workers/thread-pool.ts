import { Pushback } from '../admission/pushback.ts'
import { BoundedQueue } from '../admission/queue.ts'
import { Turns } from '../admission/turns.ts'
import { CallError } from '../errors.ts'
import { monotonicMs } from './clock.ts'
import { Crew } from './crew.ts'
import { availableMemoryBytes, heapLimitMb } from './heap-limit.ts'
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

function begunBefore({ running }: WorkerThread, other: WorkerThread): boolean {
  return (running?.offeredMs ?? 0) < (other.running?.offeredMs ?? 0)
}

/** The pool itself: which task goes to which thread, and when. `startPool` makes one. */
export class ThreadPool implements WorkerPool {
  readonly workers: number
  readonly #queue: BoundedQueue<PendingTask>
  readonly #shortTaskMs: number
  readonly #observer: PoolObserver
  readonly #crew: Crew
  readonly #watchdog: Watchdog
  readonly #pushback = new Pushback()
  readonly #turns: Turns
  /** Threads without a task, the longest idle first. Empty whenever a task waits. */
  readonly #idle: WorkerThread[] = []
  #closed: Promise<void> | undefined

  constructor(options: PoolOptions) {
    const { tasks, workers, queueLimit, stopGraceMs = 100, shortTaskMs = 2, observer = {} } = options
    const { maxHeapMb = heapLimitMb(workers, availableMemoryBytes()) } = options
    if (!(workers >= 1)) throw new RangeError(`workers=${workers}: must be 1 or more`)
    this.workers = workers
    this.#queue = new BoundedQueue(queueLimit)
    this.#turns = new Turns(workers)
    this.#shortTaskMs = shortTaskMs
    this.#observer = observer
    this.#crew = new Crew({
      tasks,
      workers,
      maxHeapMb,
      listener: {
        ready: (worker) => this.#feed(worker),
        answered: (worker, task, answer) => this.#onAnswer(worker, task, answer),
        left: (worker, reason, cause) => this.#onLeft(worker, reason, cause),
      },
    })
    this.#watchdog = new Watchdog(stopGraceMs, this.#crew)
  }

  /** Resolves when all threads are ready, rejects when one cannot start. */
  start(): Promise<void> {
    return this.#crew.start()
  }

  get busy(): number {
    return this.#crew.workers.filter((worker) => worker.running !== undefined).length
  }

  get waiting(): number {
    return Math.min(this.#queue.size + this.#held, this.#queue.limit)
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

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #enter(request: TaskRequest, arrivedMs: number): Promise<TaskResult<unknown>> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason)
    const task = new PendingTask(request, arrivedMs, this.#onAbort)
    if (this.#closed !== undefined) task.reject(new CallError('draining', closing))
    else this.#place(task)
    return task.promise
  }

  /** Finds a place for a new task: an idle thread, the back of a busy one, the queue. */
  #place(task: PendingTask): void {
    const idle = this.#idle.shift()
    if (idle !== undefined) {
      idle.offer(task)
      if (idle.running === undefined) this.#idle.unshift(idle)
      return
    }
    if (task.request.whenFull !== 'wait' && !this.#queue.hasPlace(this.#held)) return this.#refuse(task)
    const holder = this.#holderOf(task)
    if (holder !== undefined) return holder.offer(task)
    task.entry = this.#queue.push(task)
    this.#observer.waiting?.()
  }

  #holderOf(task: PendingTask): WorkerThread | undefined {
    if (!this.#isShort(task) || this.#queue.size > 0 || !this.#queue.hasPlace(this.#held)) return undefined
    let holder: WorkerThread | undefined
    for (const worker of this.#crew.workers) {
      if (!this.#mayHold(worker, task)) continue
      if (holder === undefined || begunBefore(worker, holder)) holder = worker
    }
    return holder
  }

  #refuse(task: PendingTask): void {
    this.#observer.refused?.()
    const { size: waiting, limit: queueLimit } = this.#queue
    task.reject(this.#pushback.full({ waiting, queueLimit, workers: this.workers }))
  }

  /** Gives a thread that can take something what comes next. */
  #feed(worker: WorkerThread): void {
    while (worker.running === undefined) {
      const task = this.#next()
      if (task === undefined) {
        this.#idle.push(worker)
        return
      }
      worker.offer(task)
    }
    const next = this.#queue.first
    if (next === undefined || !this.#mayHold(worker, next)) return
    this.#shift()
    worker.offer(next)
  }

  /** A task held behind one that takes longer than was said goes first; then the queue; then whatever is held. */
  #next(): PendingTask | undefined {
    return this.#takeBack(this.#shortTaskMs) ?? this.#shift() ?? this.#takeBack(0)
  }

  #shift(): PendingTask | undefined {
    const task = this.#queue.shift()
    if (task !== undefined) task.entry = undefined
    return task
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

  /** Tasks that a thread holds in advance. */
  get #held(): number {
    if (this.#shortTaskMs === 0) return 0
    return this.#crew.workers.filter((worker) => worker.held !== undefined).length
  }

  #mayHold(worker: WorkerThread, task: PendingTask): boolean {
    return worker.canHold && worker.running !== undefined && this.#isShort(worker.running) && this.#isShort(task)
  }

  /** A task that was put back is not held again: it goes to a free thread next. */
  #isShort({ request, returns }: PendingTask): boolean {
    return returns === 0 && request.expectedMs !== undefined && request.expectedMs < this.#shortTaskMs
  }

  #onAnswer(worker: WorkerThread, task: PendingTask, answer: Answer): void {
    if (answer.kind !== 'skipped') {
      const queueMs = answer.startedMs - task.arrivedMs
      const { computeMs } = answer
      this.#pushback.computed(computeMs)
      this.#observer.taken?.(queueMs)
      this.#observer.finished?.(computeMs)
      if (answer.kind === 'output') task.resolve({ output: answer.output, worker: worker.index, queueMs, computeMs })
      if (answer.kind === 'thrown') task.reject(reviveThrown(answer.thrown))
    }
    // What it held may have been stopped already, when it had just begun.
    if (worker.running?.settled === true) this.#watchdog.watch()
    this.#feed(worker)
  }

  readonly #onAbort = (task: PendingTask): void => {
    task.reject(task.request.signal.reason)
    if (task.entry !== undefined) {
      this.#queue.remove(task.entry)
      task.entry = undefined
      return
    }
    task.worker?.stop(task)
    this.#watchdog.watch()
  }

  #onLeft(worker: WorkerThread, reason: ReplacementReason, cause: unknown): void {
    const place = this.#idle.indexOf(worker)
    if (place >= 0) this.#idle.splice(place, 1)
    const { unbegun, lost } = worker.strip()
    for (const task of lost) task.reject(this.#lostError(worker, cause))
    for (const task of unbegun.toReversed()) {
      task.returns += 1
      if (task.returns > maxReturns) task.reject(this.#lostError(worker, cause))
      else if (!task.settled) task.entry = this.#queue.unshift(task)
    }
    this.#observer.replaced?.({ worker: worker.index, reason, cause })
    this.#feedIdle()
  }

  #feedIdle(): void {
    for (const worker of this.#idle.splice(0)) this.#feed(worker)
  }

  #lostError(worker: WorkerThread, cause: unknown): CallError {
    return new CallError('worker_lost', `worker ${worker.index} died while it had this call, and was replaced`, {
      cause,
    })
  }

  async #close(): Promise<void> {
    this.#watchdog.stop()
    const error = new CallError('draining', closing)
    for (let task = this.#shift(); task !== undefined; task = this.#shift()) task.reject(error)
    for (const worker of this.#crew.workers) {
      const { unbegun, lost } = worker.strip()
      for (const task of [...unbegun, ...lost]) task.reject(error)
    }
    await this.#crew.close()
  }
}
