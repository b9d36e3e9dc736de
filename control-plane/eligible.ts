import { byMerit, distinctEndpoints } from './sources/endpoints.ts'
import type { Endpoint, EndpointState } from './sources/source.ts'

/**
 * The endpoints that new calls go to: the ready ones, or those that leave while nothing is ready, as kube-proxy has it (KEP-1669),
 * or else whatever is there. After an outage of its API server Kubernetes calls all pods unready until their nodes have reported,
 * well as they are: whoever calls them finds out, as Envoy's health checks do. Each address and port once, in an order that depends
 * on nothing else.
 */
export function eligibleEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  const distinct = distinctEndpoints(endpoints)
  const inState = (wanted: EndpointState): Endpoint[] => distinct.filter(({ state }) => state === wanted)
  return byMerit.map(inState).find((some) => some.length > 0) ?? []
}
