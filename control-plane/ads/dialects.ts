import { DeltaDiscoveryRequest, DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { Node } from '../../gen/xds/envoy/config/core/v3/base.ts'
import type { Status } from '../../gen/xds/google/rpc/status.ts'
import type { ResourceType } from '../resources/resource.ts'
import { DeltaSubscription } from './delta.ts'
import { StateOfTheWorldSubscription } from './state-of-the-world.ts'
import type { Nonces, Subscription } from './subscription.ts'

/** The two ways to speak ADS, as metrics and the status call them. */
export type Protocol = 'state_of_the_world' | 'delta'

/** What both kinds of requests have. */
export interface AdsRequest {
  node: Node | undefined
  typeUrl: string
  responseNonce: string
  errorDetail: Status | undefined
}

/** What one protocol brings. */
export interface Dialect<Request extends AdsRequest> {
  protocol: Protocol
  decode: (bytes: Buffer) => Request
  subscribe: (type: ResourceType, nonces: Nonces) => Subscription<Request>
}

/** State of the world: the first protocol there was, and the only one of grpc-js. */
export const stateOfTheWorld: Dialect<DiscoveryRequest> = {
  protocol: 'state_of_the_world',
  decode: decoder('DiscoveryRequest', (bytes) => DiscoveryRequest.decode(bytes)),
  subscribe: (type, nonces) => new StateOfTheWorldSubscription(type, nonces),
}

/** Delta: only what changed travels. */
export const delta: Dialect<DeltaDiscoveryRequest> = {
  protocol: 'delta',
  decode: decoder('DeltaDiscoveryRequest', (bytes) => DeltaDiscoveryRequest.decode(bytes)),
  subscribe: (type, nonces) => new DeltaSubscription(type, nonces),
}

function decoder<Request>(name: string, decode: (bytes: Buffer) => Request): (bytes: Buffer) => Request {
  return (bytes) => {
    try {
      return decode(bytes)
    } catch (cause) {
      throw new Error(`request body: ${bytes.byteLength} bytes are not a ${name}`, { cause })
    }
  }
}
