import type { Call } from '../call.ts'
import { CallError } from '../errors.ts'
import type { Hooks, Interceptor } from './interceptor.ts'

/** The calls that run now. A drain waits for them; grpc-js' own counting returns early or never. */
export interface InFlight {
  interceptor: Interceptor
  /** Calls of the workload that are not over. */
  readonly count: number
  /** Resolves when no call of the workload runs. */
  empty(): Promise<void>
  /** Ends every call that still runs with UNAVAILABLE, the endless Health.Watch as well. */
  endAll(): void
}

/** Keeps the set of calls that run. */
export function trackInFlight(): InFlight {
  const calls = new Set<Call>()
  const chassisCalls = new Set<Call>()
  let waiters: (() => void)[] = []
  const setOf = ({ origin }: Call): Set<Call> => (origin === 'workload' ? calls : chassisCalls)
  const hooks: Hooks = {
    ended: (_, call) => {
      setOf(call).delete(call)
      if (calls.size > 0) return
      for (const resolve of waiters) resolve()
      waiters = []
    },
  }
  return {
    interceptor: (call) => {
      setOf(call).add(call)
      return hooks
    },
    get count() {
      return calls.size
    },
    empty: () => (calls.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    endAll: () => {
      const left = new CallError('draining', 'this replica has stopped; repeat the call, another one answers')
      for (const call of [...calls, ...chassisCalls]) call.fail(left)
    },
  }
}
