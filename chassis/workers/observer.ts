/**
 * Why a thread was replaced.
 *
 * - `died`: it threw outside of a task, ran out of memory or left by itself.
 * - `ignored-stop`: its task was stopped and it went on computing.
 * - `stopped`: its task was stopped and never asks; a new thread costs less than letting it finish.
 */
export type ReplacementReason = 'died' | 'ignored-stop' | 'stopped'

/**
 * Why a task never began.
 *
 * - `given-up`: its caller went away, or its deadline passed.
 * - `late`: when its turn came, what was left of its deadline was less than it takes.
 */
export type DropReason = 'given-up' | 'late'

/** What a pool tells about itself while it works. Called on the pool's thread for each task: it must be quick and not throw. */
export interface PoolObserver {
  /** No thread was free; the task stands in the queue. */
  waiting?(): void
  /** A thread began a task `queueMs` milliseconds after it came. Told together with its end: only the thread knows. */
  taken?(queueMs: number): void
  /** A task ended after `computeMs` milliseconds, whether it returned, threw or was stopped; `expectedMs` were expected. */
  finished?(computeMs: number, expectedMs: number): void
  /** A thread went on for `wastedMs` milliseconds with a task that nobody waited for any more: until it answered, or was gone. */
  stopped?(wastedMs: number): void
  /** A task left the queue before it began: its caller went away, or it could not be done in time any more. */
  dropped?(reason: DropReason): void
  /** A task was refused when it came. */
  refused?(): void
  /** A thread was lost and another one takes its place. */
  replaced?(facts: { worker: number; reason: ReplacementReason; cause: unknown }): void
}
