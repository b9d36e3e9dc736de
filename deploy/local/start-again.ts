import { setTimeout as delay } from 'node:timers/promises'
import type { CrashBackoff } from './crash-backoff.ts'

/** How something that crashed is started again. */
export interface StartAgainOptions {
  /** How long to wait before each try. */
  backoff: CrashBackoff
  /** Aborts when it is not wanted any more. */
  ending: AbortSignal
  /** Told of each try that failed. */
  onFailure: (how: string) => void
}

/** Tries `start` until it succeeds, with longer and longer pauses; false when it was not wanted any more before that. */
export async function startAgain(
  start: () => Promise<unknown>,
  { backoff, ending, onFailure }: StartAgainOptions,
): Promise<boolean> {
  for (;;) {
    try {
      await delay(backoff.next(), undefined, { signal: ending })
      await start()
      return true
    } catch (error) {
      if (ending.aborted) return false
      onFailure(`not started again: ${String(error)}`)
    }
  }
}
