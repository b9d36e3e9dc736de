import type { CallError } from '../errors.ts'
import type { Cost } from './cost.ts'
import { Costs } from './costs.ts'
import { Demand } from './demand.ts'
import { type Running, expectedWaitMs } from './expected-wait.ts'
import { FairLine, type Flow, type Place, type Queued } from './fair-line.ts'
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
  /** How long it was expected to wait when it came, and how long it might, in milliseconds. */
  expectedWaitMs: number
  allowedWaitMs: number
  /** Where it waits, if it does. */
  place: Place<T> | undefined
  /** Where it is held, if it is. */
  held: LineEntry<HeldTask<T>> | undefined
}

/** What the workers do. */
export interface Workers {
  readonly running: readonly Running[]
  /** Threads that are there, without the spare one; others are being replaced. */
  readonly ready: number
  /** Tasks that a worker holds in advance; each takes a place of the queue. */
  readonly inAdvance: number
  readonly nowMs: number
}

/**
 * While a flow asks for less than the workers can do, what waits is a burst that will pass, and may wait this long, in milliseconds.
 * The two bounds are those of "controlled delay" (Maurer, Fail at Scale, ACM Queue 13(8), 2015), where an empty queue tells them apart;
 * here the queue is empty now and then at twice the capacity, and what is asked for is known.
 */
const burstMs = 100
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
  readonly #demand: Record<Flow, Demand>

  /** `expired` is told of tasks that were held for long enough. */
  constructor(options: AdmissionOptions, expired: (task: T) => void) {
    const { batchShare, workers } = options
    this.#options = options
    this.#demand = { interactive: new Demand(workers), batch: new Demand(workers), underway: new Demand(workers) }
    this.line = new FairLine({ interactive: 1 - batchShare, batch: batchShare, underway: batchShare })
    this.held = new Held(options.delayTargetMs, expired)
  }

  /** Whether there is a delay target; without one all tasks are alike, and wait in one line. */
  get hasTarget(): boolean {
    return Number.isFinite(this.#options.delayTargetMs)
  }

  /** Whether tasks of this cost keep a worker beyond the delay target: as a rule, or by far one in twenty times. */
  isLong({ meanMs, highMs }: Cost): boolean {
    const { delayTargetMs } = this.#options
    return meanMs > delayTargetMs || highMs > 3 * delayTargetMs
  }

  /** Whether a place of the queue is left. Tasks of streams that have begun take none. */
  hasPlace({ inAdvance }: Pick<Workers, 'inAdvance'>): boolean {
    return this.line.size - this.line.sizeOf('underway') + this.held.size + inAdvance < this.#options.queueLimit
  }

  /** A task came, whatever becomes of it. */
  arrived({ flow, meanMs }: T, nowMs: number): void {
    this.#demand[flow].add(meanMs, nowMs)
  }

  /** Whether a task that found no worker free may wait for one. */
  fits(task: T, workers: Workers): boolean {
    if (!this.hasTarget || task.flow === 'underway') return true
    const waitMs = this.#waitMs(task, workers)
    task.expectedWaitMs = waitMs
    task.allowedWaitMs = this.#allowedMs(task)
    return waitMs <= task.allowedWaitMs && workers.nowMs + waitMs + task.highMs + answerMs <= task.deadlineAtMs
  }

  /** Whether a task that waited for its turn cannot be done in time any more. Streams that have begun end by themselves. */
  isLate({ flow, deadlineAtMs, meanMs }: T, nowMs: number): boolean {
    return this.hasTarget && flow !== 'underway' && nowMs + meanMs > deadlineAtMs
  }

  /**
   * At the in-flight limit, who gives up its place for a task: one that will be refused anyway for one that may wait, and a batch call
   * for an interactive one that may wait when batch calls take more places than their share.
   */
  giveWay(flow: Flow, fits: boolean): T | undefined {
    const isInteractive = flow === 'interactive'
    const held =
      (isInteractive || fits ? this.held.last('batch') : undefined) ?? (fits ? this.held.last(flow) : undefined)
    return held ?? (isInteractive && fits && this.#hasTooManyBatch ? this.line.last('batch') : undefined)
  }

  /** Whether batch calls would give way to a call of a flow, as far as it is known before its request is read. */
  mayGiveWay(flow: Flow): boolean {
    return flow === 'interactive' && (this.held.sizeOf('batch') > 0 || this.#hasTooManyBatch)
  }

  /** Holds a task back. Those behind it need not wait for one that was too late when it came. */
  hold(task: T): void {
    task.held = this.held.push(task, task.expectedWaitMs > task.allowedWaitMs ? task.meanMs : 0)
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
    return fullError(this.#waitMs(task, workers), this.#options)
  }

  /** Why a task is refused below it. */
  overloaded(task: T, workers: Workers): CallError {
    const { expectedWaitMs: waitMs, allowedWaitMs: allowedMs } = task
    const workMs = this.#waitMs(task, workers)
    if (waitMs > allowedMs) return overdueError(workMs, { waitMs, allowedMs })
    return lateError(workMs, { waitMs, costMs: task.highMs, leftMs: Math.max(0, task.deadlineAtMs - workers.nowMs) })
  }

  get #hasTooManyBatch(): boolean {
    const { queueLimit, batchShare } = this.#options
    return this.line.sizeOf('batch') > queueLimit * batchShare
  }

  /** Those that are held count as well: they have the turn of their flow whenever nobody else of it waits. */
  #waitMs(task: Pick<T, 'flow' | 'isLong'>, { running, ready, nowMs }: Workers): number {
    const workers = Math.max(1, ready)
    return expectedWaitMs(task, { line: this.line, heldMs: this.held.workMs(task), running, workers, nowMs })
  }

  /** A long task may wait as long as it takes itself: who asks for seconds does not mind a tenth of one. */
  #allowedMs({ flow, isLong, meanMs }: T): number {
    const isBurst = this.#demand[flow].ofCapacity < 1
    const targetMs = Math.max(this.#options.delayTargetMs, isBurst ? burstMs : 0)
    return Math.max(flow === 'batch' ? batchPatience * targetMs : targetMs, isLong ? meanMs : 0)
  }
}
