import { monotonicMs } from '../workers/clock.ts'
import { type Flow, flows, type Queued } from './fair-line.ts'
import { Line, type LineEntry } from './line.ts'

/** A task that is to be refused, and when it is told. */
export interface HeldTask<T> {
  readonly task: T
  readonly untilMs: number
  /** Its part of the expected computing time, in milliseconds. */
  readonly workMs: number
}

/** Those of one flow, the first the next to be told. */
class HeldFlow<T> {
  readonly line = new Line<HeldTask<T>>()
  /** Expected computing time of the short ones, and of the long ones, in milliseconds. */
  shortMs = 0
  longMs = 0
}

/**
 * Tasks that will be refused, told only after a while: a replica whose refusals are quick looks idle to a balancer that sends
 * each call where the fewest are open, and is sent everything. Whoever is held still gets a worker when its turn comes meanwhile.
 */
export class Held<T extends Queued> {
  readonly #holdMs: number
  readonly #expired: (task: T) => void
  readonly #flows = { interactive: new HeldFlow<T>(), batch: new HeldFlow<T>(), underway: new HeldFlow<T>() }
  #timer: NodeJS.Timeout | undefined

  /** Tasks are held for `holdMs` milliseconds; `expired` is told then, once a task is out of here. */
  constructor(holdMs: number, expired: (task: T) => void) {
    this.#holdMs = holdMs
    this.#expired = expired
  }

  get size(): number {
    return flows.reduce((sum, flow) => sum + this.sizeOf(flow), 0)
  }

  /** Those of one flow. */
  sizeOf(flow: Flow): number {
    return this.#flows[flow].line.size
  }

  /** Expected computing time of those of a flow, without long ones for a short task, in milliseconds. */
  workMs({ flow, isLong }: Pick<Queued, 'flow' | 'isLong'>): number {
    const { shortMs, longMs } = this.#flows[flow]
    return isLong ? shortMs + longMs : shortMs
  }

  /** The task of a flow that came first; with `shortOnly` among those. */
  first(flow: Flow, shortOnly: boolean): T | undefined {
    let { firstEntry: entry } = this.#flows[flow].line
    while (shortOnly && entry?.value.task.isLong === true) entry = entry.next
    return entry?.value.task
  }

  /** The task of a flow that came last. */
  last(flow: Flow): T | undefined {
    return this.#flows[flow].line.last?.task
  }

  /** `workMs`: what others are to reckon with, in milliseconds. */
  push(task: T, workMs = task.meanMs): LineEntry<HeldTask<T>> {
    this.#addWork(task, workMs)
    this.#timer ??= setTimeout(this.#expire, this.#holdMs)
    return this.#flows[task.flow].line.push({ task, untilMs: monotonicMs() + this.#holdMs, workMs })
  }

  remove(entry: LineEntry<HeldTask<T>>): void {
    const { task, workMs } = entry.value
    this.#flows[task.flow].line.remove(entry)
    this.#addWork(task, -workMs)
  }

  /** Tells nobody any more. */
  close(): void {
    clearTimeout(this.#timer)
  }

  #addWork({ flow, isLong }: T, ms: number): void {
    const held = this.#flows[flow]
    if (isLong) held.longMs += ms
    else held.shortMs += ms
    // So that roundings do not add up.
    if (held.line.size === 0 && ms < 0) held.shortMs = held.longMs = 0
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    const nowMs = monotonicMs()
    let nextMs = Number.POSITIVE_INFINITY
    for (const flow of flows) nextMs = Math.min(nextMs, this.#expireFlow(this.#flows[flow].line, nowMs))
    if (Number.isFinite(nextMs)) this.#timer = setTimeout(this.#expire, nextMs)
  }

  /** Tells those whose time has come; how long the next one of the flow has left, in milliseconds. */
  #expireFlow(line: Line<HeldTask<T>>, nowMs: number): number {
    for (let entry = line.firstEntry; entry !== undefined; entry = line.firstEntry) {
      const leftMs = entry.value.untilMs - nowMs
      // Timers come up to a millisecond early.
      if (leftMs > 1) return leftMs
      this.remove(entry)
      this.#expired(entry.value.task)
    }
    return Number.POSITIVE_INFINITY
  }
}
