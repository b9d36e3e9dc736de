import { stateOfTheWorld } from '../../control-plane/ads/dialects.ts'
import { Subscriber } from '../../control-plane/ads/subscriber.ts'
import { publishOrder, type ResourceType, typeOf } from '../../control-plane/resources/resource.ts'
import { DiscoveryRequest, DiscoveryResponse } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { anyName } from './decode-resource.ts'
import { type Said, worldRequest } from './ads-requests.ts'

/** One response as a test looks at it. */
export interface Told {
  type: ResourceType | undefined
  version: string
  nonce: string
  names: string[]
}

/** The state-of-the-world stream of a subscriber `envoy-1` without a connection: what it says, and what it is told. */
export function fakeSubscriber(took: (tookMs: number) => void = () => {}) {
  const told: Told[] = []
  const heard: unknown[][] = []
  const subscriber = new Subscriber({
    dialect: stateOfTheWorld,
    observer: {
      sent: ({ type }) => heard.push(['sent', type]),
      acknowledged: ({ type }, tookMs) => {
        heard.push(['acknowledged', type])
        took(tookMs)
      },
      rejected: ({ type }, reason, node) => heard.push(['rejected', type, reason, node]),
      unknownType: (typeUrl) => heard.push(['unknown type', typeUrl]),
    },
    send: (bytes) => {
      const { typeUrl, versionInfo, nonce, resources } = DiscoveryResponse.decode(bytes)
      told.push({ type: typeOf(typeUrl), version: versionInfo, nonce, names: resources.map(anyName) })
    },
  })
  const say = (type: ResourceType, names: readonly string[], said: Said = {}): void =>
    subscriber.receive(
      Buffer.from(DiscoveryRequest.encode(worldRequest(type, names, { node: 'envoy-1', ...said })).finish()),
    )
  return {
    subscriber,
    heard,
    say,
    /** What came since the last time, once the stream has taken all that was due. */
    news: (): Told[] => {
      for (let before = -1; before !== told.length; subscriber.writable()) before = told.length
      return told.splice(0)
    },
    /** Asks for everything of all types, in the order of Envoy. */
    subscribeToAll: (names: readonly string[]): void => {
      for (const type of publishOrder) say(type, names)
    },
  }
}
