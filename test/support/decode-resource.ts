import { type Resource, typeUrls } from '../../control-plane/resources/resource.ts'
import { Cluster } from '../../gen/xds/envoy/config/cluster/v3/cluster.ts'
import { ClusterLoadAssignment } from '../../gen/xds/envoy/config/endpoint/v3/endpoint.ts'
import { Listener } from '../../gen/xds/envoy/config/listener/v3/listener.ts'
import { RouteConfiguration } from '../../gen/xds/envoy/config/route/v3/route.ts'
import { DiscoveryResponse } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { Any } from '../../gen/xds/google/protobuf/any.ts'

/** What ts-proto reads a message with. */
interface Decoder<Message> {
  decode(bytes: Uint8Array): Message
}

/** A resource as a subscriber would read it out of a response. */
export function anyOfResource(resource: Resource): Any {
  const [any] = DiscoveryResponse.decode(resource.stateOfTheWorldField).resources
  if (!any) throw new Error(`${resource.type} ${resource.name} is in no field of a response`)
  return any
}

/** Decodes a message out of an Any, whatever its type URL says. */
export function fromAny<Message>(decoder: Decoder<Message>, any: Any | undefined): Message {
  if (!any) throw new Error('there is no Any to decode')
  return decoder.decode(any.value)
}

/** A cluster as it was encoded. */
export const clusterOf = (resource: Resource): Cluster => fromAny(Cluster, anyOfResource(resource))

/** A listener, likewise. */
export const listenerOf = (resource: Resource): Listener => fromAny(Listener, anyOfResource(resource))

/** A route configuration, likewise. */
export const routeOf = (resource: Resource): RouteConfiguration => fromAny(RouteConfiguration, anyOfResource(resource))

/** The localities of an assignment: zone, priority, weight, and places such as `10.0.0.1:50051`. */
export function localitiesOf(any: Any) {
  return fromAny(ClusterLoadAssignment, any).endpoints.map(
    ({ locality, priority, loadBalancingWeight, lbEndpoints }) => ({
      zone: locality?.zone,
      priority,
      weight: loadBalancingWeight,
      places: lbEndpoints.map(({ hostIdentifier }) => {
        if (hostIdentifier?.$case !== 'endpoint') throw new Error('an endpoint is meant by its address')
        const address = hostIdentifier.value.address?.address
        if (address?.$case !== 'socketAddress') throw new Error('an address is one of a socket')
        if (address.value.portSpecifier?.$case !== 'portValue') throw new Error('a port is a number')
        return `${address.value.address}:${address.value.portSpecifier.value}`
      }),
    }),
  )
}

/** The name of a resource of any served type. */
export function anyName(any: Any): string {
  if (any.typeUrl === typeUrls.endpoints) return ClusterLoadAssignment.decode(any.value).clusterName
  const decoder = [Cluster, Listener, RouteConfiguration].find((_, at) => any.typeUrl === namedTypes[at])
  return fromAny<{ name: string }>(decoder ?? RouteConfiguration, any).name
}

const namedTypes = [typeUrls.cluster, typeUrls.listener, typeUrls.route]
