/**
 * Where a replica stands.
 *
 * - `starting`: workers warm up; health says NOT_SERVING, nothing listens yet but the health-only port.
 * - `serving`: every part is up; health says SERVING.
 * - `draining`: told to leave; health says NOT_SERVING, calls still run and new ones are still taken until balancers noticed.
 * - `stopped`: no call runs, nothing listens. The end.
 */
export type LifecycleState = 'starting' | 'serving' | 'draining' | 'stopped'

const allowed: Record<LifecycleState, readonly LifecycleState[]> = {
  starting: ['serving', 'draining', 'stopped'],
  serving: ['draining', 'stopped'],
  draining: ['stopped'],
  stopped: [],
}

/** The state of one replica. Health, probes, drain and telemetry follow it; nothing else keeps such a flag. */
export class Lifecycle {
  #state: LifecycleState = 'starting'
  readonly #listeners = new Set<(state: LifecycleState) => void>()

  /** The present state. */
  get state(): LifecycleState {
    return this.#state
  }

  /** Calls `listener` now and at every change. Returns a function that ends it. */
  follow(listener: (state: LifecycleState) => void): () => void {
    this.#listeners.add(listener)
    listener(this.#state)
    return () => this.#listeners.delete(listener)
  }

  /** Goes on to `next`. Throws when `next` cannot follow the present state; saying the present state again does nothing. */
  to(next: LifecycleState): void {
    if (next === this.#state) return
    if (!allowed[this.#state].includes(next)) throw new Error(`lifecycle cannot go from ${this.#state} to ${next}`)
    this.#state = next
    for (const listener of this.#listeners) listener(next)
  }
}
