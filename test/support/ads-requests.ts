import { DeltaDiscoveryRequest, DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { typeUrls, type ResourceType } from '../../control-plane/resources/resource.ts'

/** What a test says in a request beside its type. */
export interface Said {
  nonce?: string
  /** Refuses the response with that nonce, for this reason. */
  refusal?: string
  /** Who asks; only the first request of a stream needs it. */
  node?: string
}

/** A request of the state-of-the-world protocol for `names`. */
export function worldRequest(type: ResourceType, names: readonly string[], said: Said = {}): DiscoveryRequest {
  const { nonce = '', refusal, node } = said
  return DiscoveryRequest.create({
    typeUrl: typeUrls[type],
    resourceNames: [...names],
    responseNonce: nonce,
    ...(refusal === undefined ? {} : { errorDetail: { code: 3, message: refusal } }),
    ...(node === undefined ? {} : { node: { id: node } }),
  })
}

/** What changes with a delta request. */
export interface Wish {
  subscribe?: readonly string[]
  unsubscribe?: readonly string[]
  /** What the subscriber has from another stream: versions by name. */
  has?: Readonly<Record<string, string>>
}

/** A request of the delta protocol. */
export function deltaRequest(type: ResourceType, wish: Wish = {}, said: Said = {}): DeltaDiscoveryRequest {
  const { nonce = '', refusal, node } = said
  return DeltaDiscoveryRequest.create({
    typeUrl: typeUrls[type],
    resourceNamesSubscribe: [...(wish.subscribe ?? [])],
    resourceNamesUnsubscribe: [...(wish.unsubscribe ?? [])],
    initialResourceVersions: { ...wish.has },
    responseNonce: nonce,
    ...(refusal === undefined ? {} : { errorDetail: { code: 3, message: refusal } }),
    ...(node === undefined ? {} : { node: { id: node } }),
  })
}
