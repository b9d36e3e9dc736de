import type { CallErrorOptions } from '../errors.ts'

/** What a thread is started with. */
export interface ThreadData {
  /** URL of the tasks module. */
  tasks: string
  /** The memory of its `StopFlags`. */
  memory: SharedArrayBuffer
}

/** Pool to thread: run this task. Each is answered exactly once, in order. */
export interface Offer {
  slot: number
  task: string
  input: unknown
}

/** Anything thrown, in a form that survives the way between threads. `code` is there when it was a `CallError`. */
export interface Thrown {
  name: string
  message: string
  stack: string | undefined
  code?: string
  violations?: CallErrorOptions['violations']
  retryAfterMs?: number | undefined
}

/** When a task ran: begin on the clock of `monotonicMs`, and wall time. */
export interface Ran {
  startedMs: number
  computeMs: number
}

/**
 * Thread to pool.
 *
 * - `ready`: the tasks module is loaded and warm.
 * - `output`: the task returned.
 * - `thrown`: the task threw, or its output cannot be sent between threads.
 * - `stopped`: the task was stopped while it ran.
 * - `skipped`: the task was withdrawn before it began.
 */
export type Report =
  | { kind: 'ready' }
  | ({ kind: 'output'; slot: number; output: unknown } & Ran)
  | ({ kind: 'thrown'; slot: number; thrown: Thrown } & Ran)
  | ({ kind: 'stopped'; slot: number } & Ran)
  | { kind: 'skipped'; slot: number }

/** A report about one task. */
export type Answer = Exclude<Report, { kind: 'ready' }>
