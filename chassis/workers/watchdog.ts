import { monotonicMs } from './clock.ts'
import type { Crew } from './crew.ts'

/** Replaces threads whose task ignores its stop. One timer for all, set only while a stopped task has not ended. */
export class Watchdog {
  readonly #graceMs: number
  readonly #crew: Crew
  #timer: NodeJS.Timeout | undefined

  constructor(graceMs: number, crew: Crew) {
    this.#graceMs = graceMs
    this.#crew = crew
  }

  /** A task was stopped: looks after it in `graceMs`. */
  watch(): void {
    this.#timer ??= setTimeout(() => this.#look(), this.#graceMs)
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #look(): void {
    this.#timer = undefined
    const nowMs = monotonicMs()
    for (const worker of this.#crew.workers) {
      const { stoppingSinceMs } = worker
      if (stoppingSinceMs === undefined) continue
      if (nowMs - stoppingSinceMs >= this.#graceMs) this.#crew.dismiss(worker)
      else this.watch()
    }
  }
}
