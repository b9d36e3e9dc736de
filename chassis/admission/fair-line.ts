import type { Criticality } from './criticality.ts'
import { Line, type LineEntry } from './line.ts'

/** Whose turn it is: tasks of calls by criticality, and further tasks of streams that have begun. */
export type Flow = Criticality | 'underway'

/** All flows. */
export const flows: readonly Flow[] = ['interactive', 'batch', 'underway']

/** What a fair line wants to know of a task. */
export interface Queued {
  readonly flow: Flow
  /** Expected computing time in milliseconds. */
  readonly meanMs: number
  /** Whether it may keep a worker beyond the delay target. */
  readonly isLong: boolean
}

/** Where a task stands in a fair line; what takes it out again. */
export interface Place<T> {
  readonly lane: Lane<T>
  readonly entry: LineEntry<Numbered<T>>
}

/** A task with its number in the order of all that came. */
interface Numbered<T> {
  task: T
  number: number
}

/** Tasks of one flow that are short, or long. */
class Lane<T> {
  readonly line = new Line<Numbered<T>>()
  /** Expected computing time of all of them in milliseconds. */
  workMs = 0
}

/** One flow: its share of the workers' time, and what it has had of it. */
class Account<T> {
  readonly share: number
  /** Start tag of the flow's next task: the computing time it has had, divided by its share, in milliseconds. */
  tagMs = 0
  readonly short = new Lane<T>()
  readonly long = new Lane<T>()

  constructor(share: number) {
    this.share = share
  }

  get size(): number {
    return this.short.line.size + this.long.line.size
  }

  /** The task that came first, of the short ones only or of all. */
  first(shortOnly: boolean): Numbered<T> | undefined {
    const short = this.short.line.first
    const long = shortOnly ? undefined : this.long.line.first
    if (short === undefined || long === undefined) return short ?? long
    return short.number < long.number ? short : long
  }
}

/**
 * Tasks that wait for a worker. Each flow is first in, first out; between them the next is the one that has had least of the
 * workers' time for its share, so a flow with a hundred tasks takes nothing from one that keeps below its share, and what one does
 * not use is there for the others. Start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996), with expected computing times put
 * right once the true ones are known. Every operation takes constant time.
 */
export class FairLine<T extends Queued> {
  readonly #accounts: Readonly<Record<Flow, Account<T>>>
  /** Start tag of the task that began last. */
  #nowMs = 0
  #arrivals = 0
  #returns = 0

  /** `shares` are relative to each other, above 0. */
  constructor(shares: Readonly<Record<Flow, number>>) {
    const { interactive, batch, underway } = shares
    this.#accounts = {
      interactive: new Account(interactive),
      batch: new Account(batch),
      underway: new Account(underway),
    }
  }

  /** Tasks in line. */
  get size(): number {
    return this.sizeOf('interactive') + this.sizeOf('batch') + this.sizeOf('underway')
  }

  /** Tasks in line of one flow. */
  sizeOf(flow: Flow): number {
    return this.#accounts[flow].size
  }

  /**
   * Expected computing time of what begins before a task of `flow` that came now, in milliseconds: all of its own flow, and as much of
   * the others as their shares give them meanwhile.
   */
  workAheadMs({ flow, isLong }: Pick<Queued, 'flow' | 'isLong'>): number {
    const work = ({ short, long }: Account<T>): number => short.workMs + (isLong ? long.workMs : 0)
    const own = this.#accounts[flow]
    const ownMs = work(own)
    let aheadMs = ownMs
    for (const other of Object.values(this.#accounts)) {
      if (other !== own) aheadMs += Math.min(work(other), (ownMs * other.share) / own.share)
    }
    return aheadMs
  }

  /** Puts a task at the end of its flow. */
  push(task: T): Place<T> {
    this.#arrivals += 1
    const lane = this.#laneOf(task)
    return { lane, entry: lane.line.push({ task, number: this.#arrivals }) }
  }

  /** Puts a task back that had begun, before all others of its flow. */
  putBack(task: T): Place<T> {
    this.charge(task.flow, -task.meanMs)
    this.#returns -= 1
    const lane = this.#laneOf(task)
    return { lane, entry: lane.line.unshift({ task, number: this.#returns }) }
  }

  /**
   * The task whose turn it is, still in line; with `shortOnly` among those. A flow with none has the turn of `otherOf`, which is not
   * in line.
   */
  next(shortOnly = false, otherOf: (flow: Flow) => T | undefined = () => undefined): T | undefined {
    let next: T | undefined
    let leastMs = Number.POSITIVE_INFINITY
    for (const flow of flows) {
      const account = this.#accounts[flow]
      const first = account.first(shortOnly)?.task ?? otherOf(flow)
      if (first === undefined || account.tagMs >= leastMs) continue
      next = first
      leastMs = account.tagMs
    }
    return next
  }

  /** The task of a flow that came last, still in line. */
  last(flow: Flow): T | undefined {
    const short = this.#accounts[flow].short.line.last
    const long = this.#accounts[flow].long.line.last
    if (short === undefined || long === undefined) return (short ?? long)?.task
    return (short.number > long.number ? short : long).task
  }

  /** Takes a task out of the line. */
  remove({ lane, entry }: Place<T>): void {
    lane.line.remove(entry)
    lane.workMs = lane.line.size === 0 ? 0 : lane.workMs - entry.value.task.meanMs
  }

  /** A task begins: its flow pays the expected time. */
  begin({ flow, meanMs }: T): void {
    const account = this.#accounts[flow]
    this.#catchUp(account)
    this.#nowMs = account.tagMs
    this.charge(flow, meanMs)
  }

  /** A task has taken so much longer than expected, or shorter: its flow pays the difference. */
  charge(flow: Flow, ms: number): void {
    const account = this.#accounts[flow]
    account.tagMs += ms / account.share
  }

  #laneOf(task: T): Lane<T> {
    const account = this.#accounts[task.flow]
    if (account.size === 0) this.#catchUp(account)
    const lane = task.isLong ? account.long : account.short
    lane.workMs += task.meanMs
    return lane
  }

  /** A flow that had nothing to do has saved nothing up. */
  #catchUp(account: Account<T>): void {
    if (account.size === 0) account.tagMs = Math.max(account.tagMs, this.#nowMs)
  }
}
