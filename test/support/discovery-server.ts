import { type handleBidiStreamingCall, Server, ServerCredentials } from '@grpc/grpc-js'

/** A control plane that listens and says nothing. */
export interface DiscoveryServer extends AsyncDisposable {
  /** `host:port`. */
  address: string
  /** The requests that came, as bytes. */
  requests: readonly Buffer[]
  /** Streams that are open. */
  readonly streams: number
}

const bytes = (value: Buffer): Buffer => value
const definition = {
  path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources',
  requestStream: true,
  responseStream: true,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const

/** Starts one on a free port. */
export async function startDiscoveryServer(): Promise<DiscoveryServer> {
  const requests: Buffer[] = []
  let streams = 0
  const stream: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
    streams += 1
    call.on('data', (request: Buffer) => void requests.push(request))
    call.on('end', () => call.end())
    call.on('cancelled', () => {
      streams -= 1
    })
  }
  const server = new Server()
  server.addService({ Stream: definition }, { Stream: stream })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    requests,
    get streams() {
      return streams
    },
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  }
}
