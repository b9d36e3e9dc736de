import { Line } from '../admission/line.ts'
import type { Call } from '../call.ts'
import { CallError } from '../errors.ts'
import type { Interceptor } from './interceptor.ts'

/** The calls that run now. A drain waits for them; grpc-js' own counting returns early or never. */
export interface InFlight {
  interceptor: Interceptor
  /** Calls of the workload that are not over. */
  readonly count: number
  /** Resolves when no call of the workload runs. */
  empty(): Promise<void>
  /** Ends every call whose request has not come whole with UNAVAILABLE: nothing of it was done, another replica takes it. */
  endUnbegun(): void
  /** Ends every call that still runs, the endless Health.Watch as well: with UNAVAILABLE where it may be made twice, else INTERNAL. */
  endAll(): void
}

/**
 * Keeps the calls that run, in lines: a `Set` moves to a new table every few calls, and V8 keeps each table that a full collection
 * has seen, with all that follow it and the calls in them, until the next one. `idempotent`: calls may be made twice.
 */
export function trackInFlight(idempotent: boolean): InFlight {
  const calls = new Line<Call>()
  const chassisCalls = new Line<Call>()
  let waiters: (() => void)[] = []
  const wakeWhenEmpty = (): void => {
    if (calls.size > 0) return
    for (const resolve of waiters) resolve()
    waiters = []
  }
  return {
    interceptor: (call) => {
      const line = call.origin === 'workload' ? calls : chassisCalls
      const entry = line.push(call)
      return {
        ended: () => {
          line.remove(entry)
          wakeWhenEmpty()
        },
      }
    },
    get count() {
      return calls.size
    },
    empty: () => (calls.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    endUnbegun: () => {
      const early = new CallError(
        'draining',
        'this replica left before the request was whole; repeat it, another one answers',
      )
      for (const call of calls.values()) if (call.isUnbegun) call.fail(early)
    },
    endAll: () => {
      // UNAVAILABLE is repeated by proxies, which must not do twice what may have been done.
      const left = idempotent
        ? new CallError('draining', 'this replica has stopped; repeat the call, another one answers')
        : new CallError('worker_lost', 'this replica was stopped by force; whether the call was done is not known')
      for (const call of [...calls.values(), ...chassisCalls.values()]) call.fail(left)
    },
  }
}
