import type { DeltaDiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { ResourceSet, ResourceType } from '../resources/resource.ts'
import { type Meaning, type Nonces, type Subscription, wildcard } from './subscription.ts'
import { deltaResponse, type Response, type Sent, sentOf } from './wire.ts'

/** Names that one stream may add up, request by request: what it costs must end somewhere. A fleet has far fewer services. */
const maxNames = 100_000

/** No resource has it, so whatever is there is a change. */
const unknownVersion = ''

/**
 * A subscription in which requests add and take away names, and responses hold what changed and what is gone.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#incremental-xds
 */
export class DeltaSubscription implements Subscription<DeltaDiscoveryRequest> {
  readonly #type: ResourceType
  readonly #nextNonce: Nonces
  readonly #names = new Set<string>()
  #all = false
  #begun = false
  /** Versions that the subscriber has, as it said or as it was sent. */
  readonly #known = new Map<string, string>()
  /** Names that were asked for and not answered, also not by "there is none". */
  readonly #asked = new Set<string>()
  /** What the subscriber was brought to, as long as it asks for nothing else. */
  #told: ResourceSet | undefined
  #nonce = ''
  #unanswered: Sent | undefined

  constructor(type: ResourceType, nextNonce: Nonces) {
    this.#type = type
    this.#nextNonce = nextNonce
  }

  get wanted(): readonly string[] {
    return this.#all ? [wildcard, ...this.#names] : [...this.#names]
  }

  get unanswered(): Sent | undefined {
    return this.#unanswered
  }

  get held(): ReadonlyMap<string, string> {
    return this.#known
  }

  receive(request: DeltaDiscoveryRequest): Meaning {
    const first = !this.#begun
    if (first) this.#begin(request)
    for (const name of request.resourceNamesSubscribe) this.#subscribe(name, first)
    for (const name of request.resourceNamesUnsubscribe) this.#unsubscribe(name)
    if (first || request.resourceNamesSubscribe.length > 0 || request.resourceNamesUnsubscribe.length > 0)
      this.#told = undefined
    if (request.responseNonce === '' || first) return 'subscribe'
    if (!this.#unanswered || request.responseNonce !== this.#nonce) return 'stale'
    this.#unanswered = undefined
    return request.errorDetail ? 'nack' : 'ack'
  }

  respond(resources: ResourceSet): Response | undefined {
    if (this.#unanswered || resources === this.#told) return undefined
    this.#told = resources
    const { version, byName } = resources
    const wanted = this.#all ? [...byName.values()] : [...this.#names].flatMap((name) => byName.get(name) ?? [])
    const changed = wanted.filter((resource) => this.#known.get(resource.name) !== resource.version)
    const gone = [...this.#known.keys()].filter((name) => !byName.has(name))
    const absent = [...this.#asked].filter((name) => name !== wildcard && !byName.has(name) && !this.#known.has(name))
    const removed = [...gone, ...absent]
    // Who asks for everything is told also that there is nothing.
    if (changed.length === 0 && removed.length === 0 && !this.#asked.has(wildcard)) return undefined
    this.#asked.clear()
    for (const resource of changed) this.#known.set(resource.name, resource.version)
    for (const name of gone) this.#known.delete(name)
    this.#nonce = this.#nextNonce()
    const response = deltaResponse({ type: this.#type, version, nonce: this.#nonce, resources: changed, removed })
    this.#unanswered = sentOf(response)
    return response
  }

  /** The first request of its type on a stream tells what the subscriber has; without a name it wants everything. */
  #begin({ initialResourceVersions, resourceNamesSubscribe }: DeltaDiscoveryRequest): void {
    this.#begun = true
    for (const [name, version] of Object.entries(initialResourceVersions)) this.#known.set(name, version)
    if (resourceNamesSubscribe.length > 0) return
    this.#all = true
    this.#asked.add(wildcard)
  }

  #subscribe(name: string, first: boolean): void {
    this.#asked.add(name)
    if (name === wildcard) {
      this.#all = true
      return
    }
    this.#names.add(name)
    if (this.#names.size > maxNames) {
      throw new Error(`resource_names_subscribe: more than ${maxNames} names of one type; unsubscribe from some`)
    }
    // Asked for on purpose, so it is sent also where nothing changed; but not what a new stream says it has.
    if (!first) this.#known.delete(name)
  }

  #unsubscribe(name: string): void {
    this.#asked.delete(name)
    if (name === wildcard) {
      this.#all = false
      for (const known of this.#known.keys()) if (!this.#names.has(known)) this.#known.delete(known)
      return
    }
    const wasNamed = this.#names.delete(name)
    // One who still wants everything is told of it anew: that it is there, or that it is gone.
    if (this.#all && wasNamed) this.#known.set(name, unknownVersion)
    else if (!this.#all) this.#known.delete(name)
  }
}
