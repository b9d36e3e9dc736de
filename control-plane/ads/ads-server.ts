import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js'
import { withRawMessages } from '../../chassis/listen/hardened-server.ts'
import { wireText } from '../../chassis/status.ts'
import { AggregatedDiscoveryServiceService as definition } from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Node } from '../../gen/xds/envoy/config/core/v3/base.ts'
import { type AdsRequest, delta, type Dialect, type Protocol, stateOfTheWorld } from './dialects.ts'
import type { TypeState } from './subscribed-type.ts'
import { Subscriber, type SubscriberObserver } from './subscriber.ts'

/** One stream from its beginning to its end. */
export interface Stream {
  readonly protocol: Protocol
  /** Address and port of the other end. */
  readonly peer: string
  readonly since: Date
}

/** A stream that is open, and how it stands. */
export interface OpenStream extends Stream {
  readonly node: Node | undefined
  readonly types: readonly TypeState[]
}

/** What happens to streams. No method throws. */
export interface AdsObserver {
  /** A stream begins; returns who hears of it. */
  began(stream: Stream): SubscriberObserver
  ended(stream: Stream): void
  /** A stream was refused, or ended for what it sent. */
  failed(peer: string, reason: string): void
}

/** How many streams may be open, and who hears of them. */
export interface AdsServerOptions {
  maxSubscribers: number
  observer: AdsObserver
}

type Call = ServerDuplexStream<Buffer, Buffer>

const leavingText = 'this instance leaves; connect to another one'

/**
 * Aggregated discovery, in both protocols, on one grpc-js server. Every subscriber is told the newest snapshot; one that comes
 * before the first snapshot waits for it.
 */
export class AdsServer {
  readonly #options: AdsServerOptions
  readonly #streams = new Map<
    Call,
    { stream: Stream; subscriber: Pick<Subscriber<AdsRequest>, 'node' | 'types' | 'publish'> }
  >()
  #snapshot: Snapshot | undefined
  #leaving = false

  constructor(options: AdsServerOptions) {
    this.#options = options
  }

  /** Streams that are open now. */
  get streams(): readonly OpenStream[] {
    return [...this.#streams.values()].map(({ stream, subscriber: { node, types } }) => ({ ...stream, node, types }))
  }

  /** Adds the service to a server that is not bound yet. */
  addToServer(server: Server): void {
    server.addService(
      {
        streamAggregatedResources: withRawMessages(definition.streamAggregatedResources),
        deltaAggregatedResources: withRawMessages(definition.deltaAggregatedResources),
      },
      {
        streamAggregatedResources: (call: Call) => this.#serve(call, stateOfTheWorld),
        deltaAggregatedResources: (call: Call) => this.#serve(call, delta),
      },
    )
  }

  /** Tells every subscriber what is true now. */
  publish(snapshot: Snapshot): void {
    this.#snapshot = snapshot
    for (const { subscriber } of this.#streams.values()) subscriber.publish(snapshot)
  }

  /**
   * Ends every stream with UNAVAILABLE, and those that still come: subscribers keep what they have and connect again, elsewhere.
   * Resolves when all that were open are gone.
   */
  async endAll(): Promise<void> {
    this.#leaving = true
    const calls = [...this.#streams.keys()]
    const gone = calls.map((call) => new Promise((done) => call.once('cancelled', done)))
    for (const call of calls) this.#end(call, status.UNAVAILABLE, leavingText)
    await Promise.all(gone)
  }

  #serve<Request extends AdsRequest>(call: Call, dialect: Dialect<Request>): void {
    const { observer, maxSubscribers } = this.#options
    const refuse = (code: status, reason: string): void => {
      observer.failed(call.getPeer(), reason)
      this.#end(call, code, reason)
    }
    if (this.#leaving) return refuse(status.UNAVAILABLE, leavingText)
    if (this.#streams.size >= maxSubscribers) {
      const reason = `${maxSubscribers} subscribers are connected, no more are taken; connect to another instance`
      return refuse(status.RESOURCE_EXHAUSTED, reason)
    }
    const stream: Stream = { protocol: dialect.protocol, peer: call.getPeer(), since: new Date() }
    const subscriber = new Subscriber({
      dialect,
      observer: observer.began(stream),
      // One at a time: what changes while it travels is merged into the next.
      send: (bytes) => call.write(bytes, () => this.#streams.has(call) && subscriber.writable()),
    })
    this.#streams.set(call, { stream, subscriber })
    call.on('data', (bytes: Buffer) => {
      if (!this.#streams.has(call)) return
      try {
        subscriber.receive(bytes)
      } catch (error) {
        refuse(status.INVALID_ARGUMENT, (error as Error).message)
      }
    })
    call.once('end', () => this.#end(call))
    call.once('cancelled', () => {
      this.#streams.delete(call)
      observer.ended(stream)
    })
    if (this.#snapshot) subscriber.publish(this.#snapshot)
  }

  /** Ends a stream; nothing may be written to it from then on. grpc-js takes a status other than OK as an error. */
  #end(call: Call, code = status.OK, details = ''): void {
    this.#streams.delete(call)
    if (code === status.OK) call.end()
    else call.emit('error', { code, details: wireText(details) })
  }
}
