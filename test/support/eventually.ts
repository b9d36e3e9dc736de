import { setTimeout as delay } from 'node:timers/promises'

/** How `eventually` waits: `withinMs` until it gives up (default 10 000), `everyMs` between tries (default 20). */
export interface EventuallyOptions {
  withinMs?: number
  everyMs?: number
}

/**
 * Calls `check` until it no longer throws and returns its value. For conditions that have no event to await. Rejects with
 * the last error once `withinMs` have passed.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { withinMs = 10_000, everyMs = 20 } = options
  const giveUpAt = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() >= giveUpAt) throw error
    }
    await delay(everyMs)
  }
}
