import type { DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { ResourceSet, ResourceType } from '../resources/resource.ts'
import { type Meaning, type Nonces, type Subscription, wildcard } from './subscription.ts'
import { type Response, type Sent, sentOf, stateOfTheWorldResponse } from './wire.ts'

/**
 * A subscription in which each request names all that is wanted. A response on clusters or listeners holds all of them, for one
 * that is missing there is gone; one on endpoints or routes holds those that changed.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#basic-protocol-overview
 */
export class StateOfTheWorldSubscription implements Subscription<DiscoveryRequest> {
  readonly #type: ResourceType
  readonly #nextNonce: Nonces
  readonly #completeResponses: boolean
  /** Names as they were requested last. */
  #requested: readonly string[] | undefined
  #names: ReadonlySet<string> = new Set()
  #all = false
  #everNamed = false
  /** Versions that were sent last, by name. */
  readonly #sent = new Map<string, string>()
  #asked = false
  /** What the subscriber was brought to, as long as it asks for nothing else. */
  #told: ResourceSet | undefined
  #nonce = ''
  #unanswered: Sent | undefined

  constructor(type: ResourceType, nextNonce: Nonces) {
    this.#type = type
    this.#nextNonce = nextNonce
    this.#completeResponses = type === 'cluster' || type === 'listener'
  }

  get wanted(): readonly string[] {
    return this.#all ? [wildcard, ...this.#names] : [...this.#names]
  }

  get unanswered(): Sent | undefined {
    return this.#unanswered
  }

  get held(): ReadonlyMap<string, string> {
    return this.#sent
  }

  receive({ responseNonce, resourceNames, errorDetail }: DiscoveryRequest): Meaning {
    // A nonce before our first response is of a stream that has ended: this is the first request of a new one.
    if (this.#nonce !== '' && responseNonce !== this.#nonce) return 'stale'
    this.#want(resourceNames)
    if (this.#unanswered === undefined) return 'subscribe'
    this.#unanswered = undefined
    return errorDetail ? 'nack' : 'ack'
  }

  respond(current: ResourceSet): Response | undefined {
    if (this.#unanswered || current === this.#told) return undefined
    this.#told = current
    const { version, byName } = current
    const wanted = this.#all ? [...byName.values()] : [...this.#names].flatMap((name) => byName.get(name) ?? [])
    const changed = wanted.filter((resource) => this.#sent.get(resource.name) !== resource.version)
    const gone = [...this.#sent.keys()].some((name) => !byName.has(name))
    const due = changed.length > 0 || (this.#completeResponses && (gone || this.#asked))
    if (!due) return undefined
    this.#asked = false
    for (const resource of changed) this.#sent.set(resource.name, resource.version)
    for (const name of this.#sent.keys()) if (!byName.has(name)) this.#sent.delete(name)
    this.#nonce = this.#nextNonce()
    const resources = this.#completeResponses ? wanted : changed
    const response = stateOfTheWorldResponse({ type: this.#type, version, nonce: this.#nonce, resources })
    this.#unanswered = sentOf(response)
    return response
  }

  #want(names: readonly string[]): void {
    const { length } = names
    // Acknowledgements repeat all names; there may be thousands.
    if (this.#requested?.length === length && this.#requested.every((name, at) => name === names[at])) return
    this.#requested = names
    this.#told = undefined
    const before = new Set(this.wanted)
    if (names.length > 0) this.#everNamed = true
    // Naming nothing means everything, until something was named once; then it means nothing.
    this.#all = names.includes(wildcard) || (names.length === 0 && !this.#everNamed && this.#completeResponses)
    this.#names = new Set(names.filter((name) => name !== wildcard))
    if (!this.#all) {
      // What is asked for again later is sent again.
      for (const name of this.#sent.keys()) if (!this.#names.has(name)) this.#sent.delete(name)
    }
    const added = this.wanted.some((name) => !before.has(name))
    if (added) this.#asked = true
  }
}
