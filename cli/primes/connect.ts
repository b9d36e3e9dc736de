import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { clientOf, type ServiceSite } from '../service-site.ts'

/** A client of the PrimesService there; disposing closes its connection. */
export function connectPrimes(site: ServiceSite): PrimesServiceClient & Disposable {
  const client = new PrimesServiceClient(...clientOf(site))
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}
