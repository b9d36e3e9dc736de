import { BinaryReader } from '@bufbuild/protobuf/wire'
import { Client, type ClientDuplexStream } from '@grpc/grpc-js'
import { typeUrls } from '../../control-plane/resources/resource.ts'
import { Node } from '../../gen/xds/envoy/config/core/v3/base.ts'
import { AggregatedDiscoveryServiceService as ads } from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import { DeltaDiscoveryRequest, DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { connect } from '../support/service.ts'
import { type Change, markerPrefix, serviceName } from './feed.ts'

/** The two ways to subscribe. */
export type Protocol = 'delta' | 'state of the world'

/** How many streams there are, and the connections that they share. */
export const subscriberCount = 100
const connections = 10

/** Longer than anything takes that is measured: who waits so long waits for something that never comes. */
const timeoutMs = 60_000

const typeUrl = typeUrls.endpoints
const raw = (bytes: Buffer): Buffer => bytes

/** How one protocol is spoken: a first request, and the answer to a response. */
interface Speech {
  path: string
  first: (node: Node, names: string[]) => Uint8Array
  acknowledge: (names: string[], response: { version: string; nonce: string }) => Uint8Array
}

const speeches: Record<Protocol, Speech> = {
  delta: {
    path: ads.deltaAggregatedResources.path,
    first: (node, names) => delta({ node, resourceNamesSubscribe: names }),
    acknowledge: (_names, { nonce }) => delta({ responseNonce: nonce }),
  },
  'state of the world': {
    path: ads.streamAggregatedResources.path,
    first: (node, names) => stateOfTheWorld({ node, resourceNames: names }),
    acknowledge: (names, { version, nonce }) =>
      stateOfTheWorld({ versionInfo: version, responseNonce: nonce, resourceNames: names }),
  },
}

/**
 * Streams that want the endpoints of all services and acknowledge every response. Of a response they read what an acknowledgement
 * repeats, and which changes it holds: what the measuring process does itself stays small beside what it measures.
 */
export class Subscribers implements Disposable {
  /** Responses to all streams so far, and their bytes without framing. */
  readonly received = { responses: 0, bytes: 0 }
  readonly #clients: (Client & Disposable)[]
  readonly #calls: ClientDuplexStream<Buffer, Buffer>[] = []
  /** The newest change of each service, for each stream. */
  readonly #held: Map<number, number>[] = []
  readonly #failure = Promise.withResolvers<never>()
  /** Looks whether what is waited for is there. */
  #check: (stream: number) => void = () => {}

  constructor(address: string, protocol: Protocol, services: number) {
    this.#failure.promise.catch(() => {})
    this.#clients = Array.from({ length: connections }, () => connect(Client, address))
    const names = Array.from({ length: services }, (_, service) => serviceName(service))
    for (let stream = 0; stream < subscriberCount; stream += 1) {
      const client = this.#clients[stream % connections] as Client
      this.#calls.push(this.#subscribe(client, { speech: speeches[protocol], names, stream }))
      this.#held.push(new Map())
    }
  }

  /** Resolves, to the time on our clock, when every stream has these changes. Rejects when a stream ends, or after a minute. */
  async everyoneHas(changes: readonly Change[]): Promise<number> {
    const there = Promise.withResolvers<number>()
    const lacking = new Set(this.#held.keys())
    this.#check = (stream) => {
      const held = this.#held[stream]
      if (changes.every(({ service, change }) => held?.get(service) === change)) lacking.delete(stream)
      if (lacking.size === 0) there.resolve(performance.now())
    }
    for (const stream of this.#held.keys()) this.#check(stream)
    const timer = setTimeout(
      () => there.reject(new Error(`${lacking.size} subscribers lack a change after ${timeoutMs} ms`)),
      timeoutMs,
    )
    try {
      return await Promise.race([there.promise, this.#failure.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  [Symbol.dispose](): void {
    for (const call of this.#calls) call.cancel()
    for (const client of this.#clients) client[Symbol.dispose]()
  }

  #subscribe(
    client: Client,
    { speech, names, stream }: { speech: Speech; names: string[]; stream: number },
  ): ClientDuplexStream<Buffer, Buffer> {
    const call = client.makeBidiStreamRequest(speech.path, raw, raw)
    call.write(Buffer.from(speech.first(Node.create({ id: `bench-${stream}` }), names)))
    call.on('data', (bytes: Buffer) => {
      call.write(Buffer.from(speech.acknowledge(names, headOf(bytes))))
      this.received.responses += 1
      this.received.bytes += bytes.byteLength
      for (const { service, change } of changesIn(bytes)) this.#held[stream]?.set(service, change)
      this.#check(stream)
    })
    // Also when we end it, after which nobody waits.
    call.on('error', (error) => this.#failure.reject(error))
    return call
  }
}

function delta(request: Partial<DeltaDiscoveryRequest>): Uint8Array {
  return DeltaDiscoveryRequest.encode(DeltaDiscoveryRequest.create({ typeUrl, ...request })).finish()
}

function stateOfTheWorld(request: Partial<DiscoveryRequest>): Uint8Array {
  return DiscoveryRequest.encode(DiscoveryRequest.create({ typeUrl, ...request })).finish()
}

/** Both kinds of responses have the version in field 1 and the nonce in field 5. */
function headOf(bytes: Buffer): { version: string; nonce: string } {
  const reader = new BinaryReader(bytes)
  const head = { version: '', nonce: '' }
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === 1) head.version = reader.string()
    else if (field === 5) head.nonce = reader.string()
    else reader.skip(wireType)
  }
  return head
}

/** The addresses that tell of changes, found by what they begin with. The byte before a text is its length. */
function* changesIn(bytes: Buffer): Generator<Change> {
  for (let at = bytes.indexOf(markerPrefix); at !== -1; at = bytes.indexOf(markerPrefix, at + 1)) {
    const text = bytes.toString('latin1', at + markerPrefix.length, at + (bytes[at - 1] as number))
    const [service, change] = text.split(':').map(Number)
    yield { service: service as number, change: change as number }
  }
}
