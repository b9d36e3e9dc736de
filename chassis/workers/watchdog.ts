import { remainingMs } from '../admission/expected-wait.ts'
import { monotonicMs } from './clock.ts'
import type { Crew } from './crew.ts'
import type { WorkerThread } from './worker.ts'

/**
 * Replaces threads that go on with a stopped task: after a grace, as it may yet ask; at once when it never does and that costs less
 * than letting it finish, so that whoever gives up calls in a row costs no more than whoever waits for them. One timer for all, set
 * only while a stopped task has not ended.
 */
export class Watchdog {
  readonly #graceMs: number
  readonly #crew: Crew
  #timer: NodeJS.Timeout | undefined

  constructor(graceMs: number, crew: Crew) {
    this.#graceMs = graceMs
    this.#crew = crew
  }

  /** A task was stopped: ends its thread now, or looks after it in `graceMs`. */
  watch(): void {
    for (const worker of this.#crew.workers) if (this.#isBetterEnded(worker)) this.#crew.dismiss(worker, 'stopped')
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
      if (nowMs - stoppingSinceMs >= this.#graceMs) this.#crew.dismiss(worker, 'ignored-stop')
      else this.watch()
    }
  }

  #isBetterEnded({ running, runsInVain }: WorkerThread): boolean {
    if (!runsInVain || running?.request.whenStopped !== 'end-thread') return false
    return remainingMs(running, monotonicMs()) > this.#crew.startMs
  }
}
