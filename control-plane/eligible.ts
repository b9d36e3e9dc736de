import { distinctEndpoints } from './sources/endpoints.ts'
import type { Endpoint } from './sources/source.ts'

/**
 * The endpoints that new calls go to: the ready ones, or those that leave while nothing is ready, as kube-proxy has it (KEP-1669).
 * Each address and port once, in an order that depends on nothing else.
 */
export function eligibleEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  const distinct = distinctEndpoints(endpoints)
  const ready = distinct.filter(({ state }) => state === 'ready')
  return ready.length > 0 ? ready : distinct.filter(({ state }) => state === 'terminating')
}
