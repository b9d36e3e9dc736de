import { Cluster, Cluster_DiscoveryType as DiscoveryType } from '../../gen/xds/envoy/config/cluster/v3/cluster.ts'
import { RoutingPriority } from '../../gen/xds/envoy/config/core/v3/base.ts'
import { type BalancingPolicy, loadBalancingPolicy } from './balancing.ts'
import { fromThisServer } from './config-source.ts'
import { Resource } from './resource.ts'

/** gRPC stops at 1024 calls of one channel unless told otherwise (gRFC A32); here a replica bounds its calls by itself. */
const maxRequests = 1_000_000

/** The cluster of a service for callers without a proxy: endpoints from here, balanced by the one policy. */
export function clusterResource(service: string, balancing: BalancingPolicy): Resource {
  const cluster = Cluster.create({
    name: service,
    clusterDiscoveryType: { $case: 'type', value: DiscoveryType.EDS },
    edsClusterConfig: { serviceName: service, edsConfig: fromThisServer },
    loadBalancingPolicy: loadBalancingPolicy(balancing),
    circuitBreakers: { thresholds: [{ priority: RoutingPriority.DEFAULT, maxRequests }] },
  })
  return new Resource('cluster', service, {
    value: Cluster.encode(cluster).finish(),
    references: [{ type: 'endpoints', name: service }],
  })
}
