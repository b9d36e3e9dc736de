import { Admission, type Workers } from '../admission/admission.ts'
import type { Criticality } from '../admission/criticality.ts'
import { Turns } from '../admission/turns.ts'
import { CallError } from '../errors.ts'
import { monotonicMs } from './clock.ts'
import { Crew } from './crew.ts'
import { availableMemoryBytes, heapLimitMb } from './heap-limit.ts'
import type { Answer } from './messages.ts'
import type { PoolObserver, ReplacementReason } from './observer.ts'
import { type Arrival, PendingTask } from './pending-task.ts'
import type { PoolOptions, TaskRequest, TaskResult, WorkerPool } from './pool.ts'
import { reviveThrown } from './revive-thrown.ts'
import { SpareWorker } from './spare-worker.ts'
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
  readonly #admission: Admission<PendingTask>
  readonly #shortTaskMs: number
  readonly #observer: PoolObserver
  readonly #crew: Crew
  readonly #spare: SpareWorker
  readonly #watchdog: Watchdog
  readonly #turns: Turns
  /** Threads without a task but the spare one, the longest idle first. Empty whenever a task waits. */
  readonly #idle: WorkerThread[] = []
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
    this.#spare = new SpareWorker({
      crew: this.#crew,
      workers,
      delayTargetMs,
      isWanted: () => this.#peek(true) !== undefined || this.#inAdvance > 0,
      feed: (spare) => this.#feed(spare),
    })
    this.#watchdog = new Watchdog(stopGraceMs, this.#crew)
  }

  /** Resolves when all threads are ready, rejects when one cannot start. */
  start(): Promise<void> {
    return this.#crew.start()
  }

  get busy(): number {
    return this.#running.length
  }

  get waiting(): number {
    return this.#admission.line.size + this.#admission.held.size + this.#inAdvance
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
    if (this.#idle.length > 0) return undefined
    const workers = this.#workersNow()
    if (this.#admission.hasPlace(workers) || this.#admission.giveWay(criticality, false) !== undefined) return undefined
    return this.#admission.full({ flow: criticality, isLong: false }, workers)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #enter(request: TaskRequest, arrivedMs: number): Promise<TaskResult<unknown>> {
    if (request.signal.aborted) return Promise.reject(request.signal.reason)
    const task = new PendingTask(request, this.#arrivalOf(request, arrivedMs), this.#onAbort)
    if (this.#closed !== undefined) task.reject(new CallError('draining', closing))
    else this.#place(task)
    return task.promise
  }

  #arrivalOf(request: TaskRequest, arrivedMs: number): Arrival {
    const { task, expectedMs, whenFull, criticality = 'interactive', deadlineMs = Number.POSITIVE_INFINITY } = request
    const cost = this.#admission.costs.of(task, expectedMs)
    const deadlineAtMs = monotonicMs() + (deadlineMs - Date.now())
    // Without a target all tasks are alike, and wait in one line.
    const flow = this.#admission.hasTarget ? (whenFull === 'wait' ? 'underway' : criticality) : 'interactive'
    return { arrivedMs, deadlineAtMs, cost, flow, isLong: this.#admission.isLong(cost) }
  }

  /** Finds a place for a new task: an idle thread, the back of a busy one, the line; or it is held, or refused. */
  #place(task: PendingTask): void {
    this.#admission.arrived(task, task.arrivedMs)
    const idle = this.#idle.shift() ?? this.#spare.idleFor(task)
    if (idle !== undefined) {
      this.#offer(idle, task)
      if (idle.running === undefined) this.#feed(idle)
      return
    }
    const workers = this.#workersNow()
    const fits = this.#admission.fits(task, workers)
    if (task.request.whenFull !== 'wait' && !this.#admission.hasPlace(workers)) {
      const other = this.#admission.giveWay(task.flow, fits)
      if (other === undefined) return this.#refuse(task, workers)
      this.#admission.leave(other)
      this.#refuse(other, workers)
    }
    const holder = fits ? this.#holderOf(task) : undefined
    if (holder !== undefined) this.#offer(holder, task)
    else this.#wait(task, fits)
    if (!task.isLong) this.#spare.look()
  }

  #wait(task: PendingTask, fits: boolean): void {
    if (fits) task.place = this.#admission.line.push(task)
    else task.held = this.#admission.held.push(task)
    this.#observer.waiting?.()
  }

  #holderOf(task: PendingTask): WorkerThread | undefined {
    if (!this.#isShort(task) || this.#admission.line.size > 0) return undefined
    if (!this.#admission.hasPlace({ inAdvance: this.#inAdvance })) return undefined
    let holder: WorkerThread | undefined
    for (const worker of this.#crew.workers) {
      if (!this.#mayHold(worker, task)) continue
      if (holder === undefined || begunBefore(worker, holder)) holder = worker
    }
    return holder
  }

  #refuse(task: PendingTask, workers: Workers): void {
    this.#observer.refused?.()
    task.reject(this.#admission.full(task, workers))
  }

  readonly #onHeldEnough = (task: PendingTask): void => {
    task.held = undefined
    this.#observer.refused?.()
    task.reject(this.#admission.overloaded(task, this.#workersNow()))
  }

  /** Gives a task to a thread. */
  #offer(worker: WorkerThread, task: PendingTask): void {
    this.#admission.line.begin(task)
    worker.offer(task)
    if (task.isLong) this.#spare.look()
  }

  /** Gives a thread that can take something what comes next. */
  #feed(worker: WorkerThread): void {
    const isSpare = this.#spare.is(worker)
    while (worker.running === undefined) {
      const task = isSpare ? this.#nextForSpare() : this.#next()
      if (!task) {
        if (!isSpare) this.#idle.push(worker)
        return
      }
      this.#offer(worker, task)
    }
    const next = this.#admission.line.next(isSpare)
    if (next === undefined || !this.#mayHold(worker, next)) return
    this.#admission.leave(next)
    this.#offer(worker, next)
  }

  /** A task held in advance behind one that takes longer than was said goes first; then those that wait; then whatever is held. */
  #next(): PendingTask | undefined {
    return this.#takeBack(this.#shortTaskMs) ?? this.#waitingNext(false) ?? this.#takeBack(0)
  }

  #nextForSpare(): PendingTask | undefined {
    return this.#spare.mayRun ? (this.#takeBack(this.#shortTaskMs) ?? this.#waitingNext(true)) : undefined
  }

  /** Takes out whose turn it is: of those that may wait, or else of those that are held to be refused. */
  #waitingNext(shortOnly: boolean): PendingTask | undefined {
    const nowMs = monotonicMs()
    for (let task = this.#peek(shortOnly); task !== undefined; task = this.#peek(shortOnly)) {
      this.#admission.leave(task)
      // When nobody else waits it costs nobody anything, and what it is expected to take may be wrong.
      if (!this.#admission.isLate(task, nowMs) || this.#peek(shortOnly) === undefined) return task
      this.#observer.dropped?.('late')
      task.expectedWaitMs = 0
      task.reject(this.#admission.overloaded(task, this.#workersNow()))
    }
    return undefined
  }

  #peek(shortOnly: boolean): PendingTask | undefined {
    return this.#admission.line.next(shortOnly, (flow) => this.#admission.held.first(flow, shortOnly))
  }

  #takeBack(heldForMs: number): PendingTask | undefined {
    if (this.#shortTaskMs === 0) return undefined
    for (const worker of this.#crew.workers) {
      if (worker.held === undefined || monotonicMs() - worker.held.offeredMs < heldForMs) continue
      const task = worker.takeBack()
      if (task === undefined) continue
      this.#admission.line.charge(task.flow, -task.meanMs)
      return task
    }
    return undefined
  }

  #workersNow(): Workers {
    // Who is stopped is about to end.
    return {
      running: this.#running.filter(({ settled }) => !settled),
      inAdvance: this.#inAdvance,
      nowMs: monotonicMs(),
    }
  }

  get #running(): PendingTask[] {
    return this.#crew.workers.map(({ running }) => running).filter((task) => task !== undefined)
  }

  /** Tasks that a thread holds in advance. */
  get #inAdvance(): number {
    if (this.#shortTaskMs === 0) return 0
    return this.#crew.workers.filter((worker) => worker.held !== undefined).length
  }

  #mayHold(worker: WorkerThread, task: PendingTask): boolean {
    return worker.canHold && worker.running !== undefined && this.#isShort(worker.running) && this.#isShort(task)
  }

  /** A task that was put back is not held again: it goes to a free thread next. */
  #isShort({ request, returns, meanMs }: PendingTask): boolean {
    return returns === 0 && request.expectedMs !== undefined && meanMs < this.#shortTaskMs
  }

  #onAnswer(worker: WorkerThread, task: PendingTask, answer: Answer): void {
    if (answer.kind === 'skipped') this.#admission.line.charge(task.flow, -task.meanMs)
    else {
      const queueMs = answer.startedMs - task.arrivedMs
      const { computeMs } = answer
      this.#observer.taken?.(queueMs)
      this.#learn(task, answer)
      if (answer.kind === 'output') task.resolve({ output: answer.output, worker: worker.index, queueMs, computeMs })
      if (answer.kind === 'thrown') task.reject(reviveThrown(answer.thrown))
    }
    this.#feed(worker)
    // What it held may have been stopped already, when it had just begun.
    if (worker.running?.settled === true) this.#watchdog.watch()
  }

  /** A task that was stopped took less than it would have: it teaches only when it took more than expected. */
  #learn(task: PendingTask, { kind, startedMs, computeMs }: Exclude<Answer, { kind: 'skipped' }>): void {
    if (kind !== 'stopped' || computeMs > task.meanMs) task.cost.learn(computeMs)
    this.#admission.line.charge(task.flow, computeMs - task.meanMs)
    this.#observer.finished?.(computeMs, task.meanMs)
    if (task.stoppedMs !== undefined) this.#observer.stopped?.(Math.max(0, startedMs + computeMs - task.stoppedMs))
  }

  /** The thread may go on for a while: native code ends when it looks up. */
  #learnFromLost(worker: WorkerThread, { offeredMs, stoppedMs, meanMs, cost, flow }: PendingTask): void {
    const computeMs = monotonicMs() - offeredMs
    if (computeMs > meanMs) cost.learn(computeMs)
    this.#admission.line.charge(flow, computeMs - meanMs)
    if (stoppedMs === undefined) return
    void worker.exited.then(() => this.#observer.stopped?.(monotonicMs() - stoppedMs))
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

  #onLeft(worker: WorkerThread, reason: ReplacementReason, cause: unknown): void {
    const place = this.#idle.indexOf(worker)
    if (place >= 0) this.#idle.splice(place, 1)
    const { unbegun, lost } = worker.strip()
    for (const task of lost) {
      this.#learnFromLost(worker, task)
      task.reject(this.#lostError(worker, cause))
    }
    for (const task of unbegun.toReversed()) {
      task.returns += 1
      if (task.returns > maxReturns) task.reject(this.#lostError(worker, cause))
      else if (!task.settled) task.place = this.#admission.line.putBack(task)
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
    this.#spare.stop()
    this.#admission.held.close()
    const error = new CallError('draining', closing)
    for (let task = this.#peek(false); task !== undefined; task = this.#peek(false)) {
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
