import type { Client, ClientDuplexStream, StatusObject } from '@grpc/grpc-js'
import {
  AggregatedDiscoveryServiceClient,
  AggregatedDiscoveryServiceService as service,
} from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import type {
  DeltaDiscoveryRequest,
  DeltaDiscoveryResponse,
  DiscoveryRequest,
  DiscoveryResponse,
} from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { connect } from './service.ts'

/** One ADS stream, as a subscriber has it. */
export interface AdsStream<Request, Response> extends Disposable {
  say(request: Request): void
  /** The oldest response that was not looked at yet; rejects with the end of the stream when no further one can come. */
  next(): Promise<Response>
  /** Responses that came and were not looked at. */
  readonly waiting: readonly Response[]
  /** How the stream ended. */
  readonly ended: Promise<StatusObject>
  halfClose(): void
  cancel(): void
}

/** A connection of its own to an instance. */
export const adsClient = (address: string) => connect(AggregatedDiscoveryServiceClient, address)

/** A stream of the state-of-the-world protocol. */
export const worldStream = (client: AggregatedDiscoveryServiceClient): AdsStream<DiscoveryRequest, DiscoveryResponse> =>
  adsStream(client.streamAggregatedResources())

/** A stream of the delta protocol. */
export const deltaStream = (
  client: AggregatedDiscoveryServiceClient,
): AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> => adsStream(client.deltaAggregatedResources())

/** A state-of-the-world stream whose messages are bytes. */
export function bytesStream(client: Client): AdsStream<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes
  return adsStream(client.makeBidiStreamRequest(service.streamAggregatedResources.path, same, same))
}

function adsStream<Request, Response>(call: ClientDuplexStream<Request, Response>): AdsStream<Request, Response> {
  const waiting: Response[] = []
  let arrived = Promise.withResolvers<void>()
  call.on('data', (response: Response) => {
    waiting.push(response)
    arrived.resolve()
    arrived = Promise.withResolvers()
  })
  // Told by the status as well.
  call.on('error', () => {})
  const ended = new Promise<StatusObject>((resolve) => call.once('status', resolve))
  const end = ended.then(({ code, details }) => Promise.reject(new Error(`the stream ended with ${code}: ${details}`)))
  end.catch(() => {})
  return {
    say: (request) => void call.write(request),
    next: async () => {
      while (waiting.length === 0) await Promise.race([arrived.promise, end])
      return waiting.shift() as Response
    },
    waiting,
    ended,
    halfClose: () => call.end(),
    cancel: () => call.cancel(),
    [Symbol.dispose]: () => call.cancel(),
  }
}
