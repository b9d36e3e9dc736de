import type { Admission, Workers } from '../admission/admission.ts'
import { monotonicMs } from './clock.ts'
import type { Crew } from './crew.ts'
import type { InAdvance } from './in-advance.ts'
import type { Lessons } from './lessons.ts'
import type { PoolObserver } from './observer.ts'
import type { PendingTask } from './pending-task.ts'
import { SpareWorker } from './spare-worker.ts'
import type { WorkerThread } from './worker.ts'

/** What a dispatch stands on. */
export interface DispatchOptions {
  admission: Admission<PendingTask>
  crew: Crew
  inAdvance: InAdvance
  lessons: Lessons
  observer: PoolObserver
  /** Number of workers without the spare one. */
  workers: number
  /** Infinite: there is no spare worker. */
  delayTargetMs: number
}

/** Which task goes to which thread, and when. */
export class Dispatch {
  readonly #admission: Admission<PendingTask>
  readonly #crew: Crew
  readonly #inAdvance: InAdvance
  readonly #lessons: Lessons
  readonly #observer: PoolObserver
  readonly #spare: SpareWorker
  /** Threads without a task but the spare one, the longest idle first. Empty whenever a task waits. */
  readonly #idle: WorkerThread[] = []

  constructor({ admission, crew, inAdvance, lessons, observer, workers, delayTargetMs }: DispatchOptions) {
    this.#admission = admission
    this.#crew = crew
    this.#inAdvance = inAdvance
    this.#lessons = lessons
    this.#observer = observer
    this.#spare = new SpareWorker({
      crew,
      workers,
      delayTargetMs,
      isWanted: () => this.peek(true) !== undefined || inAdvance.count > 0,
      feed: (spare) => this.feed(spare),
    })
  }

  /** Whether a task that came now would begin at once. */
  get hasIdle(): boolean {
    return this.#idle.length > 0
  }

  /** Tasks that were sent to a thread to run. */
  get running(): PendingTask[] {
    return this.#crew.workers.map(({ running }) => running).filter((task) => task !== undefined)
  }

  /** What the workers do, for admission. */
  workersNow(): Workers {
    // Who is stopped is about to end.
    return {
      running: this.running.filter(({ settled }) => !settled),
      ready: this.#crew.workers.filter((worker) => !this.#spare.is(worker)).length,
      inAdvance: this.#inAdvance.count,
      nowMs: monotonicMs(),
    }
  }

  /** Finds a place for a new task: an idle thread, the back of a busy one, the line; or it is held, or refused. */
  place(task: PendingTask): void {
    this.#admission.arrived(task, task.arrivedMs)
    const idle = this.#idle.shift() ?? this.#spare.idleFor(task)
    if (idle !== undefined) {
      this.#offer(idle, task)
      if (idle.running === undefined) this.feed(idle)
      return
    }
    const workers = this.workersNow()
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

  /** Gives a thread that can take something what comes next. */
  feed(worker: WorkerThread): void {
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
    if (next === undefined || !this.#inAdvance.mayHold(worker, next)) return
    this.#admission.leave(next)
    this.#offer(worker, next)
  }

  /** A thread takes nothing any more. */
  forget(worker: WorkerThread): void {
    const place = this.#idle.indexOf(worker)
    if (place >= 0) this.#idle.splice(place, 1)
  }

  /** A thread left, and what it held in advance is back: gives idle threads what comes next. */
  feedIdle(): void {
    for (const worker of this.#idle.splice(0)) this.feed(worker)
    if (this.peek(true) !== undefined) this.#spare.look()
  }

  /** The task whose turn it is, still where it waits. */
  peek(shortOnly: boolean): PendingTask | undefined {
    return this.#admission.line.next(shortOnly, (flow) => this.#admission.held.first(flow, shortOnly))
  }

  /** Gives the spare thread nothing any more. */
  stop(): void {
    this.#spare.stop()
  }

  #wait(task: PendingTask, fits: boolean): void {
    if (fits) task.place = this.#admission.line.push(task)
    else this.#admission.hold(task)
    this.#observer.waiting?.()
  }

  #holderOf(task: PendingTask): WorkerThread | undefined {
    if (this.#admission.line.size > 0 || !this.#admission.hasPlace({ inAdvance: this.#inAdvance.count }))
      return undefined
    return this.#inAdvance.holderOf(task)
  }

  #refuse(task: PendingTask, workers: Workers): void {
    this.#observer.refused?.()
    task.reject(this.#admission.full(task, workers))
  }

  #offer(worker: WorkerThread, task: PendingTask): void {
    this.#admission.line.begin(task)
    worker.offer(task)
    if (task.isLong) this.#spare.look()
  }

  /** A task held in advance behind one that takes longer than was said goes first; then those that wait; then whatever is held. */
  #next(): PendingTask | undefined {
    return (
      this.#back(this.#inAdvance.takeOverdue()) ?? this.#waitingNext(false) ?? this.#back(this.#inAdvance.takeAny())
    )
  }

  #nextForSpare(): PendingTask | undefined {
    if (!this.#spare.mayRun) return undefined
    return this.#back(this.#inAdvance.takeOverdue()) ?? this.#waitingNext(true)
  }

  #back(task: PendingTask | undefined): PendingTask | undefined {
    if (task !== undefined) this.#lessons.ofUnbegun(task)
    return task
  }

  /** Takes out whose turn it is: of those that may wait, or else of those that are held to be refused. */
  #waitingNext(shortOnly: boolean): PendingTask | undefined {
    const nowMs = monotonicMs()
    for (let task = this.peek(shortOnly); task !== undefined; task = this.peek(shortOnly)) {
      this.#admission.leave(task)
      // When nobody else waits it costs nobody anything, and what it is expected to take may be wrong.
      if (!this.#admission.isLate(task, nowMs) || this.peek(shortOnly) === undefined) return task
      this.#observer.dropped?.('late')
      task.expectedWaitMs = 0
      task.reject(this.#admission.overloaded(task, this.workersNow()))
    }
    return undefined
  }
}
