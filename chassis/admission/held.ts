import { monotonicMs } from '../workers/clock.ts'
import { Line, type LineEntry } from './line.ts'

/** A task that is to be refused, and when it is told. */
export interface HeldTask<T> {
  readonly task: T
  readonly untilMs: number
}

/** What held tasks are asked. */
interface Holdable {
  readonly meanMs: number
  readonly isLong: boolean
}

/**
 * Tasks that will be refused, told only after a while: a replica whose refusals are quick looks idle to a balancer that sends
 * each call where the fewest are open, and is sent everything. Whoever is held still gets a worker that has nothing better to do.
 */
export class Held<T extends Holdable> {
  readonly #holdMs: number
  readonly #expired: (task: T) => void
  readonly #line = new Line<HeldTask<T>>()
  #workMs = 0
  #timer: NodeJS.Timeout | undefined

  /** Tasks are held for `holdMs` milliseconds; `expired` is told then, once a task is out of here. */
  constructor(holdMs: number, expired: (task: T) => void) {
    this.#holdMs = holdMs
    this.#expired = expired
  }

  get size(): number {
    return this.#line.size
  }

  /** Expected computing time of all of them in milliseconds. */
  get workMs(): number {
    return this.#workMs
  }

  /** The task that came first; with `shortOnly` among those. */
  first(shortOnly: boolean): T | undefined {
    let { firstEntry: entry } = this.#line
    while (shortOnly && entry?.value.task.isLong === true) entry = entry.next
    return entry?.value.task
  }

  /** The task that came last. */
  get last(): T | undefined {
    return this.#line.last?.task
  }

  push(task: T): LineEntry<HeldTask<T>> {
    this.#workMs += task.meanMs
    const entry = this.#line.push({ task, untilMs: monotonicMs() + this.#holdMs })
    this.#timer ??= setTimeout(this.#expire, this.#holdMs)
    return entry
  }

  remove(entry: LineEntry<HeldTask<T>>): void {
    this.#line.remove(entry)
    this.#workMs = this.#line.size === 0 ? 0 : this.#workMs - entry.value.task.meanMs
  }

  /** Tells nobody any more. */
  close(): void {
    clearTimeout(this.#timer)
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    const nowMs = monotonicMs()
    for (let entry = this.#line.firstEntry; entry !== undefined; entry = this.#line.firstEntry) {
      const leftMs = entry.value.untilMs - nowMs
      // Timers come up to a millisecond early.
      if (leftMs > 1) {
        this.#timer = setTimeout(this.#expire, leftMs)
        return
      }
      this.remove(entry)
      this.#expired(entry.value.task)
    }
  }
}
