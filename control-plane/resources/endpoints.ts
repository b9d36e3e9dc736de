import { ClusterLoadAssignment, type DeepPartial } from '../../gen/xds/envoy/config/endpoint/v3/endpoint.ts'
import type { LbEndpoint, LocalityLbEndpoints } from '../../gen/xds/envoy/config/endpoint/v3/endpoint_components.ts'
import type { Endpoint } from '../sources/source.ts'
import { Resource } from './resource.ts'

/** The one locality where zones do not matter: a full scan then sees every endpoint. grpc-js wants a name. */
const everywhere = 'everywhere'

/**
 * The endpoints of a service that take new calls, as `eligibleEndpoints` gives them: each once, in an order of their own. Without a
 * zone all are in one locality. With one, those of the same zone come first (priority 0) and the others step in when those are
 * missing or unhealthy (priority 1).
 */
export function endpointsResource(service: string, endpoints: readonly Endpoint[], zone?: string): Resource {
  const near = zone === undefined ? endpoints : endpoints.filter((endpoint) => endpoint.zone === zone)
  const far = zone === undefined ? [] : endpoints.filter((endpoint) => endpoint.zone !== zone)
  const groups = [
    { zone: zone ?? everywhere, endpoints: near },
    { zone: everywhere, endpoints: far },
  ]
    .filter((group) => group.endpoints.length > 0)
    // Priorities have no gaps: without near endpoints the far ones are the first.
    .map((group, priority) => locality(group.zone, group.endpoints, priority))
  // Defaults are filled in here, once for all: with thousands of endpoints that takes as long as to encode them.
  const assignment = ClusterLoadAssignment.create({ clusterName: service, endpoints: groups })
  return new Resource('endpoints', service, { value: ClusterLoadAssignment.encode(assignment).finish() })
}

function locality(zone: string, endpoints: readonly Endpoint[], priority: number): DeepPartial<LocalityLbEndpoints> {
  return {
    locality: { zone },
    // gRPC drops a locality without a weight.
    loadBalancingWeight: endpoints.length,
    priority,
    lbEndpoints: endpoints.map(lbEndpoint),
  }
}

function lbEndpoint({ address, port }: Endpoint): DeepPartial<LbEndpoint> {
  const socketAddress = { address, portSpecifier: { $case: 'portValue' as const, value: port } }
  return {
    hostIdentifier: {
      $case: 'endpoint',
      value: { address: { address: { $case: 'socketAddress', value: socketAddress } } },
    },
  }
}
