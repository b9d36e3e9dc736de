import { RouteConfiguration } from '../../gen/xds/envoy/config/route/v3/route.ts'
import { Resource } from './resource.ts'

/** Retries of calls that may be repeated: a replica that crashes leaves one attempt for each other one it may take along. */
const retries = { retryOn: 'unavailable', numRetries: 4, baseMs: 25, maxMs: 250 }

/** Sends every call of a service to its cluster. `idempotent` repeats calls that a crashed replica held. */
export function routeResource(service: string, idempotent: boolean): Resource {
  const retryPolicy = {
    retryOn: retries.retryOn,
    numRetries: retries.numRetries,
    retryBackOff: { baseInterval: duration(retries.baseMs), maxInterval: duration(retries.maxMs) },
  }
  const route = RouteConfiguration.create({
    name: service,
    virtualHosts: [
      {
        name: service,
        domains: ['*'],
        routes: [
          {
            match: { pathSpecifier: { $case: 'prefix', value: '' } },
            action: {
              $case: 'route',
              value: {
                clusterSpecifier: { $case: 'cluster', value: service },
                ...(idempotent ? { retryPolicy } : {}),
              },
            },
          },
        ],
      },
    ],
  })
  return new Resource('route', service, {
    value: RouteConfiguration.encode(route).finish(),
    references: [{ type: 'cluster', name: service }],
  })
}

function duration(ms: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 }
}
