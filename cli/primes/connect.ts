import { type ClientOptions, credentials } from '@grpc/grpc-js'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'

/** How every client of the command line connects. */
export const channelOptions: ClientOptions = {
  // A proxy for the web that the environment names does not speak gRPC.
  'grpc.enable_http_proxy': 0,
  // Milliseconds; a peer that is gone without a word is noticed while a call is open. Servers allow no more often.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5_000,
  // Transparent retries: calls that surely reached no server are sent again.
  'grpc.enable_retries': 1,
  // Otherwise the name server is asked for a TXT record with a configuration.
  'grpc.service_config_disable_resolution': 1,
}

/** A client of PrimesService at `target`, over plaintext; disposing closes its connection. */
export function connectPrimes(target: string): PrimesServiceClient & Disposable {
  const client = new PrimesServiceClient(target, credentials.createInsecure(), channelOptions)
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}
