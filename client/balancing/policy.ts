import { leastRequestName } from './least-request-config.ts'

/** How calls are spread over replicas: the names that every part of the product uses. */
export const balancingPolicies = ['round_robin', 'least_request_two_choices', 'least_request_full_scan'] as const

/** One of these. */
export type BalancingPolicy = (typeof balancingPolicies)[number]

/** The policy as `loadBalancingConfig` of a gRPC service config. The least-request policies must be registered. */
export function loadBalancingConfig(policy: BalancingPolicy): Record<string, object>[] {
  return [configs[policy]]
}

const configs: Record<BalancingPolicy, Record<string, object>> = {
  round_robin: { round_robin: {} },
  least_request_two_choices: { [leastRequestName]: { selection: 'two_choices' } },
  least_request_full_scan: { [leastRequestName]: { selection: 'full_scan' } },
}
