import { hashOf, type ResourceSet, type ResourceType } from '../resources/resource.ts'
import type { AdsRequest } from './dialects.ts'
import type { Meaning, Subscription } from './subscription.ts'
import type { Response, Sent } from './wire.ts'

/** Why a resource was refused, and the version of the response that had it. */
export interface Rejection {
  version: string
  reason: string
}

/** How one type stands with one subscriber. */
export interface TypeState {
  type: ResourceType
  /** `*`, or the names. */
  wanted: readonly string[]
  /** Versions that it was sent, by name. */
  held: ReadonlyMap<string, string>
  /** Versions; empty before the first. */
  sentVersion: string
  acknowledgedVersion: string
  /** Refusals by name, until a later response with the same resource is taken. */
  rejections: ReadonlyMap<string, Rejection>
}

/** What a request said of the response under way. */
export type Answer =
  | { meaning: 'ack'; response: Sent; dueAtMs: number }
  | { meaning: 'nack'; response: Sent; reason: string }
  | { meaning: Exclude<Meaning, 'ack' | 'nack'> }

/** A reason is for people, and kept as long as the stream. */
const maxReasonCharacters = 500

/** One type of one subscriber, in either protocol: what it was told, took and refused. */
export class SubscribedType<Request extends AdsRequest> {
  readonly #type: ResourceType
  readonly #subscription: Subscription<Request>
  readonly #rejections = new Map<string, Rejection>()
  /** What it was brought to last, or will be once it answers. */
  #told: ResourceSet | undefined
  /** A response without any name, such as "there is no listener", was refused. */
  #refusedEmpty = false
  #sentVersion = ''
  #acknowledgedVersion = ''
  /** When the content of the response under way became due. */
  #dueAtMs = 0

  constructor(type: ResourceType, subscription: Subscription<Request>) {
    this.#type = type
    this.#subscription = subscription
  }

  /** How it stands. */
  get state(): TypeState {
    return {
      type: this.#type,
      wanted: this.#subscription.wanted,
      held: this.#subscription.held,
      sentVersion: this.#sentVersion,
      acknowledgedVersion: this.#acknowledgedVersion,
      rejections: this.#rejections,
    }
  }

  /** Whether everything that was sent was taken; what was refused is not, for the subscriber goes on with what it had. */
  get isTaken(): boolean {
    const { unanswered } = this.#subscription
    return !unanswered && this.#rejections.size === 0 && !this.#refusedEmpty
  }

  /** Whether all that was told is sent; false where a part waits for the answer to an older response. */
  get isSent(): boolean {
    const { unanswered } = this.#subscription
    return !unanswered || unanswered.version === this.#told?.version
  }

  /** Takes in a request. */
  receive(request: Request): Answer {
    const { unanswered: response } = this.#subscription
    const meaning = this.#subscription.receive(request)
    this.#forgetUnwanted()
    if (!response || meaning === 'subscribe' || meaning === 'stale') {
      return { meaning: meaning === 'stale' ? 'stale' : 'subscribe' }
    }
    if (meaning === 'ack') {
      this.#acknowledgedVersion = response.version
      this.#refusedEmpty = false
      this.#forgive(response.names)
      return { meaning, response, dueAtMs: this.#dueAtMs }
    }
    const reason = (request.errorDetail?.message ?? '').slice(0, maxReasonCharacters)
    this.#refusedEmpty = response.names.length === 0
    for (const name of response.names) this.#rejections.set(name, { version: response.version, reason })
    return { meaning, response, reason }
  }

  /** The response that is due, if any. `keep` leaves what is gone from `newest` where the subscriber has it. */
  respond(newest: ResourceSet, { gone, dueAtMs }: { gone: 'keep' | 'remove'; dueAtMs: number }): Response | undefined {
    this.#told = gone === 'keep' ? this.#withWhatIsGone(newest) : newest
    const response = this.#subscription.respond(this.#told)
    if (!response) return undefined
    this.#sentVersion = response.version
    this.#dueAtMs = dueAtMs
    return response
  }

  #withWhatIsGone(newest: ResourceSet): ResourceSet {
    if (!this.#told || this.#told === newest) return newest
    const { held } = this.#subscription
    const gone = [...this.#told.byName].filter(([name]) => held.has(name) && !newest.byName.has(name))
    if (gone.length === 0) return newest
    const version = hashOf(
      [newest.version, ...gone.map(([name, resource]) => `${name} ${resource.version}`)].join('\n'),
    )
    return { version, byName: new Map([...gone, ...newest.byName]) }
  }

  #forgive(names: readonly string[]): void {
    for (const name of names) this.#rejections.delete(name)
  }

  /** What was refused and is not asked for any more holds nothing up. */
  #forgetUnwanted(): void {
    for (const name of this.#rejections.keys()) if (!this.#subscription.held.has(name)) this.#rejections.delete(name)
  }
}
