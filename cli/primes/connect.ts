import { credentials } from '@grpc/grpc-js'
import { connectionOptions } from '../../client/channel.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'

/** A client of PrimesService at `target`, over plaintext; disposing closes its connection. */
export function connectPrimes(target: string): PrimesServiceClient & Disposable {
  const client = new PrimesServiceClient(target, credentials.createInsecure(), connectionOptions)
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}
