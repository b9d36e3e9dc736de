import { Worker } from 'node:worker_threads'
import { callErrorFrom } from '../errors.ts'
import { moduleBeside } from '../workload.ts'
import { monotonicMs } from './clock.ts'
import type { Answer, Offer, Report, ThreadData } from './messages.ts'
import type { PendingTask } from './pending-task.ts'
import { slotCount, StopFlags } from './stop-flag.ts'

/** What a worker tells the pool. */
export interface WorkerListener {
  /** The thread can take tasks. */
  ready(worker: WorkerThread): void
  /** The thread has answered for the task that ran; what it held runs now. */
  answered(worker: WorkerThread, task: PendingTask, answer: Answer): void
  /** The thread is gone. `cause` is there when it threw or was out of memory. */
  exited(worker: WorkerThread, cause: unknown): void
}

/** How a thread is started. */
export interface WorkerOptions {
  index: number
  tasks: URL
  maxHeapMb: number
  listener: WorkerListener
}

interface Taken {
  task: PendingTask
  slot: number
  /** Stopped before it began: the thread will skip it. */
  withdrawn: boolean
}

/** One thread as the pool sees it: at most one task that runs and one that is held in advance. */
export class WorkerThread {
  readonly index: number
  /** On the clock of `monotonicMs`. */
  readonly startedMs = monotonicMs()
  /** Resolves when the thread is gone. */
  readonly exited: Promise<void>
  /** Whether the thread has loaded its tasks. */
  ready = false
  /** Whether it was ever sent a task. */
  used = false
  readonly #thread: Worker
  readonly #flags = new StopFlags()
  /** Slots that the thread has yet to answer for. */
  readonly #open: boolean[] = Array.from({ length: slotCount }, () => false)
  #running: Taken | undefined
  #held: Taken | undefined

  constructor({ index, tasks, maxHeapMb, listener }: WorkerOptions) {
    const exit = Promise.withResolvers<void>()
    const workerData: ThreadData = { tasks: tasks.href, memory: this.#flags.memory }
    this.index = index
    this.exited = exit.promise
    // Flags of the process, such as --import or --test, are not meant for its threads.
    const settings = {
      workerData,
      name: `worker-${index}`,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    }
    this.#thread = new Worker(moduleBeside('thread', import.meta.url), settings)
    let cause: unknown
    this.#thread.on('message', (report: Report) => this.#onReport(report, listener))
    this.#thread.on('error', (error) => {
      cause ??= error
    })
    this.#thread.on('messageerror', (error) => {
      cause ??= error
      void this.#thread.terminate()
    })
    this.#thread.on('exit', () => {
      listener.exited(this, cause)
      exit.resolve()
    })
  }

  /** The task that runs, or was sent to run at once. */
  get running(): PendingTask | undefined {
    return this.#running?.task
  }

  /** The task that waits in the thread behind the running one. */
  get held(): PendingTask | undefined {
    return this.#held?.task
  }

  /** Whether a task may be sent to wait behind the one that runs. */
  get canHold(): boolean {
    return this.#running !== undefined && this.#held === undefined && this.#open.includes(false)
  }

  /** Sends a task: to run when nothing runs, else to be held. An input that cannot be cloned rejects the task. */
  offer(task: PendingTask): void {
    const slot = this.#open.indexOf(false)
    const { task: name, input } = task.request
    this.#flags.offer(slot)
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.#thread.postMessage({ slot, task: name, input } satisfies Offer)
    } catch (error) {
      task.reject(callErrorFrom(error))
      return
    }
    task.worker = this
    task.offeredMs = monotonicMs()
    this.used = true
    this.#open[slot] = true
    const taken = { task, slot, withdrawn: false }
    if (this.#running === undefined) this.#running = taken
    else this.#held = taken
  }

  /** Takes the held task back; undefined when there is none or the thread has begun it. */
  takeBack(): PendingTask | undefined {
    const held = this.#held
    if (held === undefined || !this.#flags.withdraw(held.slot)) return undefined
    this.#held = undefined
    held.task.worker = undefined
    return held.task
  }

  /** Stops a task of this thread, or withdraws it when it has not begun. */
  stop(task: PendingTask): void {
    if (task === this.held && this.takeBack() !== undefined) return
    const taken = task === this.held ? this.#held : this.#running
    if (taken?.task !== task) return
    task.stoppedMs = monotonicMs()
    taken.withdrawn = this.#flags.withdraw(taken.slot)
    if (!taken.withdrawn) this.#flags.stop(taken.slot)
  }

  /** Since when the running task is stopped and has not ended; undefined when it is not. */
  get stoppingSinceMs(): number | undefined {
    const running = this.#running
    return running !== undefined && this.#flags.isStopped(running.slot) ? running.task.stoppedMs : undefined
  }

  /** Whether the running task computes on although it is stopped. */
  get runsInVain(): boolean {
    const running = this.#running
    return running !== undefined && !running.withdrawn && this.#flags.isStopped(running.slot)
  }

  /** Takes all tasks away: those that surely never began, in order, and the one that was lost. */
  strip(): { unbegun: PendingTask[]; lost: PendingTask[] } {
    const unbegun: PendingTask[] = []
    const lost: PendingTask[] = []
    for (const taken of [this.#running, this.#held]) {
      if (taken !== undefined) (this.#flags.withdraw(taken.slot) ? unbegun : lost).push(taken.task)
    }
    this.#running = undefined
    this.#held = undefined
    return { unbegun, lost }
  }

  /** Ends the thread. Native code that runs in it is not interrupted; `exited` says when it is gone. */
  terminate(): void {
    void this.#thread.terminate()
  }

  #onReport(report: Report, listener: WorkerListener): void {
    if (report.kind === 'ready') {
      this.ready = true
      listener.ready(this)
      return
    }
    this.#open[report.slot] = false
    const running = this.#running
    // A task taken back is skipped by the thread; nobody waits for that answer.
    if (running === undefined || running.slot !== report.slot) return
    this.#running = this.#held
    this.#held = undefined
    listener.answered(this, running.task, report)
  }
}
