import type { CallError } from '../errors.ts'
import { Costs } from './costs.ts'
import { type Running, expectedWaitMs } from './expected-wait.ts'
import { FairLine, type Place, type Queued } from './fair-line.ts'
import { Held, type HeldTask } from './held.ts'
import type { LineEntry } from './line.ts'
import { fullError, lateError, overdueError } from './refusals.ts'

/** How a replica admits. */
export interface AdmissionOptions {
  workers: number
  /** Tasks that may wait. */
  queueLimit: number
  /** Longest expected wait of interactive calls in milliseconds; infinite for none: then only the queue limit counts. */
  delayTargetMs: number
  /** Part of the workers' time that batch calls keep while interactive ones wait, above 0 and below 1. */
  batchShare: number
}

/** A task as admission sees it. */
export interface Candidate<T> extends Queued {
  /** What 19 of 20 tasks of its kind stay under, in milliseconds. */
  readonly highMs: number
  /** When its call ends at the latest, on the clock of `monotonicMs`. */
  readonly deadlineAtMs: number
  /** How long it was expected to wait when it came, in milliseconds. */
  expectedWaitMs: number
  /** Where it waits, if it does. */
  place: Place<T> | undefined
  /** Where it is held, if it is. */
  held: LineEntry<HeldTask<T>> | undefined
}

/** What the workers do. */
export interface Workers {
  readonly running: readonly Running[]
  /** Tasks that a worker holds in advance; each takes a place of the queue. */
  readonly inAdvance: number
  readonly nowMs: number
}

/** Batch calls may wait so many times as long as interactive ones: nobody looks. */
const batchPatience = 10
/** Of the time that is left to a call, what the way of its answer takes, in milliseconds. */
const answerMs = 5

/**
 * Who may wait for a worker. A task is admitted when its expected wait keeps to the delay target and it fits its deadline. Others are
 * held, and then refused; at the in-flight limit they are refused at once.
 */
export class Admission<T extends Candidate<T>> {
  readonly costs = new Costs()
  readonly line: FairLine<T>
  readonly held: Held<T>
  readonly #options: AdmissionOptions

  /** `expired` is told of tasks that were held for long enough. */
  constructor(options: AdmissionOptions, expired: (task: T) => void) {
    const { batchShare } = options
    this.#options = options
    this.line = new FairLine({ interactive: 1 - batchShare, batch: batchShare, underway: batchShare })
    this.held = new Held(options.delayTargetMs, expired)
  }

  /** Whether there is a delay target; without one all tasks are alike, and wait in one line. */
  get hasTarget(): boolean {
    return Number.isFinite(this.#options.delayTargetMs)
  }

  /** Places of the queue that are taken. Tasks of streams that have begun take none. */
  placesTaken({ inAdvance }: Pick<Workers, 'inAdvance'>): number {
    return this.line.size - this.line.sizeOf('underway') + this.held.size + inAdvance
  }

  /** Whether a place is left. */
  hasPlace(workers: Pick<Workers, 'inAdvance'>): boolean {
    return this.placesTaken(workers) < this.#options.queueLimit
  }

  /** Whether a task that found no worker free may wait for one. */
  fits(task: T, workers: Workers): boolean {
    if (!this.hasTarget || task.flow === 'underway') return true
    const waitMs = this.#waitMs(task, workers)
    task.expectedWaitMs = waitMs
    return waitMs <= this.#allowedMs(task) && workers.nowMs + waitMs + task.highMs + answerMs <= task.deadlineAtMs
  }

  /** Whether a task that waited for its turn can still be done in time. */
  isLate({ deadlineAtMs, meanMs }: T, nowMs: number): boolean {
    return this.hasTarget && nowMs + meanMs > deadlineAtMs
  }

  /**
   * At the in-flight limit, who gives up its place for a task that may wait: one that will be refused anyway, or a batch call when
   * these take more places than their share and it is not one itself.
   */
  giveWay(task: T): T | undefined {
    const { queueLimit, batchShare } = this.#options
    if (this.held.last !== undefined) return this.held.last
    const tooMany = this.line.sizeOf('batch') > queueLimit * batchShare
    return task.flow === 'interactive' && tooMany ? this.line.last('batch') : undefined
  }

  /** Takes a task out of wherever it waits. */
  leave(task: T): void {
    if (task.place !== undefined) this.line.remove(task.place)
    if (task.held !== undefined) this.held.remove(task.held)
    task.place = undefined
    task.held = undefined
  }

  /** Why a task is refused at the in-flight limit. */
  full(task: Pick<T, 'flow' | 'isLong'>, workers: Workers): CallError {
    return fullError(this.#workMs(task, workers), this.#options)
  }

  /** Why a task is refused below it. */
  overloaded(task: T, workers: Workers): CallError {
    const waitMs = task.expectedWaitMs
    const allowedMs = this.#allowedMs(task)
    const workMs = this.#workMs(task, workers)
    if (waitMs > allowedMs) return overdueError(workMs, { waitMs, allowedMs })
    return lateError(workMs, { waitMs, costMs: task.highMs, leftMs: Math.max(0, task.deadlineAtMs - workers.nowMs) })
  }

  #waitMs(task: Pick<T, 'flow' | 'isLong'>, { running, nowMs }: Workers): number {
    return expectedWaitMs(task, { line: this.line, running, workers: this.#options.workers, nowMs })
  }

  /** A long task may wait as long as it takes itself: who asks for seconds does not mind a tenth of one. */
  #allowedMs({ flow, isLong, meanMs }: T): number {
    const { delayTargetMs } = this.#options
    const targetMs = flow === 'batch' ? batchPatience * delayTargetMs : delayTargetMs
    return isLong ? Math.max(targetMs, meanMs) : targetMs
  }

  /** Until all that is before a task, and held, would be computed, in milliseconds. */
  #workMs(task: Pick<T, 'flow' | 'isLong'>, workers: Workers): number {
    return this.#waitMs(task, workers) + this.held.workMs / this.#options.workers
  }
}
