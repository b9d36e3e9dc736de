/**
 * Why a thread was replaced.
 *
 * - `died`: it threw outside of a task, ran out of memory or left by itself.
 * - `ignored-stop`: its task was stopped and it went on computing.
 */
export type ReplacementReason = 'died' | 'ignored-stop'

/** What a pool tells about itself while it works. Called on the pool's thread for each task: it must be quick and not throw. */
export interface PoolObserver {
  /** No thread was free; the task stands in the queue. */
  waiting?(): void
  /** A thread began a task `queueMs` milliseconds after it came. Told together with its end: only the thread knows. */
  taken?(queueMs: number): void
  /** A task ended after `computeMs` milliseconds, whether it returned, threw or was stopped. */
  finished?(computeMs: number): void
  /** A task was refused at the in-flight limit. */
  refused?(): void
  /** A thread was lost and another one takes its place. */
  replaced?(facts: { worker: number; reason: ReplacementReason; cause: unknown }): void
}
