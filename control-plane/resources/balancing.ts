import { LeastRequest } from '../../gen/xds/envoy/extensions/load_balancing_policies/least_request/v3/least_request.ts'
import { RoundRobin } from '../../gen/xds/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin.ts'
import type { LoadBalancingPolicy, LoadBalancingPolicy_Policy } from '../../gen/xds/envoy/config/cluster/v3/cluster.ts'
import { TypedStruct } from '../../gen/xds/xds/type/v3/typed_struct.ts'
import { anyOf, policyEntry } from './any.ts'

/** How a balancer picks an endpoint for a call; the same names mean the same to Envoy and to callers without it. */
export const balancingPolicies = ['round_robin', 'least_request_two_choices', 'least_request_full_scan'] as const

/** One of the policies. */
export type BalancingPolicy = (typeof balancingPolicies)[number]

const prefix = 'envoy.extensions.load_balancing_policies'

/**
 * Policies for callers that speak xDS, best first; each takes the first one it knows. grpc-js has no least request: `evenkeel/client`
 * registers the one that is named by the TypedStruct. gRPC in other languages knows Envoy's LeastRequest, with two choices (gRFC
 * A48), and everyone knows round robin. No WrrLocality around them: a priority has one locality here, and Envoy 1.40 refuses it.
 */
export function loadBalancingPolicy(policy: BalancingPolicy): LoadBalancingPolicy {
  return { policies: [...leastRequest(policy), roundRobin()] }
}

function leastRequest(policy: BalancingPolicy): LoadBalancingPolicy_Policy[] {
  if (policy === 'round_robin') return []
  const ours = anyOf('xds.type.v3.TypedStruct', TypedStruct, {
    typeUrl: 'type.googleapis.com/evenkeel_least_request',
    value: { selection: policy === 'least_request_full_scan' ? 'full_scan' : 'two_choices' },
  })
  const theirs = anyOf(`${prefix}.least_request.v3.LeastRequest`, LeastRequest, LeastRequest.create({ choiceCount: 2 }))
  return [
    policyEntry('evenkeel.least_request', ours),
    policyEntry('envoy.load_balancing_policies.least_request', theirs),
  ]
}

function roundRobin(): LoadBalancingPolicy_Policy {
  const config = anyOf(`${prefix}.round_robin.v3.RoundRobin`, RoundRobin, RoundRobin.create())
  return policyEntry('envoy.load_balancing_policies.round_robin', config)
}
