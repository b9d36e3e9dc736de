import { type BalancingPolicy, loadBalancingConfig } from './balancing/policy.ts'

/** What a channel does with calls beside sending them. */
export interface CallPolicy {
  /** Spreads calls over the addresses of the target; without it all go to the first that connects. */
  balancing?: BalancingPolicy | undefined
  /**
   * Methods whose calls may be repeated after a replica has perhaps begun them, because a second time does no harm: those that
   * proto files mark as `NO_SIDE_EFFECTS` or `IDEMPOTENT`. `package.Service` for all of a service, `package.Service/Method`.
   * With `xds:` the route of the control plane says so instead.
   */
  idempotent?: readonly string[] | undefined
}

/**
 * A crash or a drain costs one repeat, and two more if that meets the next one. Only UNAVAILABLE: a replica that is full
 * answers RESOURCE_EXHAUSTED, and repeats would add to its load. grpc-js waits as long as the answer says in
 * `grpc-retry-pushback-ms`, and gives up where that is negative.
 */
const retryPolicy = {
  maxAttempts: 4,
  initialBackoff: '0.05s',
  maxBackoff: '1s',
  backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'],
}

/**
 * The budget of repeats, per target. 250 failures in a row are repeated, more than one replica holds; after that one in ten
 * calls, so that an outage is not multiplied.
 */
const retryThrottling = { maxTokens: 500, tokenRatio: 0.1 }

/** The policy as a gRPC service config (https://github.com/grpc/grpc/blob/master/doc/service_config.md), as JSON. */
export function serviceConfigFrom({ balancing, idempotent = [] }: CallPolicy): string {
  const retries = { methodConfig: [{ name: idempotent.map(methodName), retryPolicy }], retryThrottling }
  return JSON.stringify({
    ...(balancing ? { loadBalancingConfig: loadBalancingConfig(balancing) } : {}),
    ...(idempotent.length > 0 ? retries : {}),
  })
}

function methodName(name: string): { service: string; method?: string } {
  const [, service, method] = /^([\w.]+)(?:\/(\w+))?$/.exec(name) ?? []
  if (service === undefined) throw new Error(`"${name}" is no method; write package.Service or package.Service/Method`)
  return method === undefined ? { service } : { service, method }
}
