import type { Call, CallStatus, TaskTiming } from '../call.ts'

/**
 * What an interceptor wants to know of one call. Hooks must not throw and must not block. A policy that keeps nothing of its
 * own for a call returns the same hooks for all: they are told whose call it is.
 */
export interface Hooks {
  /** A request message arrived; its size on the wire without the 5-byte frame header. */
  received?(bytes: number): void
  /** A response message is being sent. */
  sent?(bytes: number): void
  /** A task of the call has finished on a worker. */
  computed?(timing: TaskTiming): void
  /** The status is about to be sent. May change it; runs at most once a call, and not when the caller is gone. */
  answering?(status: CallStatus, call: Call): void
  /** The call is over, exactly once. A caller that went away first counts as CANCELLED. */
  ended?(status: CallStatus, call: Call): void
}

/** One policy around every call. Called when the headers have arrived, before the handler; returns its hooks, if any. */
export type Interceptor = (call: Call) => Hooks | undefined
