import { Node } from '../../gen/xds/envoy/config/core/v3/base.ts'
import { publishOrder, type ResourceType, typeOf } from '../resources/resource.ts'
import type { Snapshot } from '../snapshot.ts'
import type { AdsRequest, Dialect } from './dialects.ts'
import { SubscribedType, type TypeState } from './subscribed-type.ts'
import type { Nonces } from './subscription.ts'
import type { Response, Sent } from './wire.ts'

/** Types that others name: what is new in them is told first, what is gone is taken away last ("make before break"). */
const named: readonly ResourceType[] = publishOrder.slice(0, 2)

/** Types that name others. */
const naming: readonly ResourceType[] = publishOrder.slice(2)

/** What a subscriber makes known of itself. No method throws. */
export interface SubscriberObserver {
  /** Bytes are on their way. */
  sent(response: Response): void
  /** A response was taken, this long after its content became due. */
  acknowledged(response: Sent, tookMs: number): void
  /** A response was refused by `nodeId`. */
  rejected(response: Sent, reason: string, nodeId: string): void
  /** A request asked for a type that is not served. */
  unknownType(typeUrl: string): void
}

/** The stream of one subscriber, apart from how its bytes travel. */
export interface SubscriberOptions<Request extends AdsRequest> {
  dialect: Dialect<Request>
  observer: SubscriberObserver
  /** Takes a response; no further one comes before `writable`. */
  send: (bytes: Buffer) => void
}

/**
 * One stream: what it wants, what it has, and what is sent next. A subscriber that is slow, or silent, holds one response of each type
 * and gets the newest state once it answers.
 */
export class Subscriber<Request extends AdsRequest> {
  /** Who subscribes, from its first request on. */
  node: Node | undefined
  readonly #options: SubscriberOptions<Request>
  readonly #types = new Map<ResourceType, SubscribedType<Request>>()
  readonly #nonces: Nonces
  #snapshot: Snapshot | undefined
  /** When there was something new to tell last: a snapshot, or a wish. */
  #newsAtMs = 0
  #writable = true

  constructor(options: SubscriberOptions<Request>) {
    this.#options = options
    let responses = 0
    this.#nonces = () => String((responses += 1))
  }

  /** How each type stands. */
  get types(): readonly TypeState[] {
    return [...this.#types.values()].map(({ state }) => state)
  }

  /** Takes in a request. Throws an Error that says what is wrong with it; the stream is to end then. */
  receive(bytes: Buffer): void {
    const { dialect, observer } = this.#options
    const request = dialect.decode(bytes)
    this.node ??= identified(request.node)
    const type = typeOf(request.typeUrl)
    if (type === undefined) return observer.unknownType(request.typeUrl)
    const answer = this.#subscribed(type).receive(request)
    if (answer.meaning === 'subscribe') this.#newsAtMs = performance.now()
    if (answer.meaning === 'ack') observer.acknowledged(answer.response, performance.now() - answer.dueAtMs)
    if (answer.meaning === 'nack') observer.rejected(answer.response, answer.reason, this.node.id)
    this.#pump()
  }

  /** Tells the newest state, now or as soon as the subscriber is ready for it. */
  publish(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    this.#newsAtMs = performance.now()
    this.#pump()
  }

  /** The stream takes bytes again. */
  writable(): void {
    this.#writable = true
    this.#pump()
  }

  #subscribed(type: ResourceType): SubscribedType<Request> {
    let subscribed = this.#types.get(type)
    if (!subscribed) {
      subscribed = new SubscribedType(type, this.#options.dialect.subscribe(type, this.#nonces))
      this.#types.set(type, subscribed)
    }
    return subscribed
  }

  /**
   * Sends what is due. Clusters and endpoints come first, without what is gone from them; then listeners and routes; and what is gone
   * from the former is taken away once the latter were taken, for they name it no more.
   */
  #pump(): void {
    const snapshot = this.#snapshot
    if (!snapshot) return
    // All of them are told, also where one waits: endpoints of clusters that are known need no answer on clusters.
    const told = (types: readonly ResourceType[], gone: 'keep' | 'remove'): boolean =>
      types.map((type) => this.#tell(type, snapshot, gone)).every(Boolean)
    if (!told(named, 'keep') || !told(naming, 'remove')) return
    if (naming.every((type) => this.#isTaken(type))) told(named, 'remove')
  }

  /** Sends what is due of one type; false when something waits, for the stream or for the answer to an older state. */
  #tell(type: ResourceType, snapshot: Snapshot, gone: 'keep' | 'remove'): boolean {
    const subscribed = this.#types.get(type)
    if (!subscribed) return true
    if (!this.#writable) return false
    const newest = snapshot.of(type, this.node?.locality?.zone)
    const response = subscribed.respond(newest, { gone, dueAtMs: this.#newsAtMs })
    if (response) {
      this.#writable = false
      this.#options.send(response.bytes)
      this.#options.observer.sent(response)
    }
    return subscribed.isSent
  }

  #isTaken(type: ResourceType): boolean {
    return this.#types.get(type)?.isTaken ?? true
  }
}

/** What is kept of who subscribes, for as long as the stream: its metadata may be megabytes, and are of no use here. */
function identified(node: Node | undefined): Node {
  if (!node || node.id === '') {
    throw new Error('node.id: is empty in the first request of the stream; set it in the bootstrap')
  }
  const { id, cluster, locality, userAgentName } = node
  return Node.create({ id, cluster, locality, userAgentName })
}
