import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeastRequest } from '../../gen/xds/envoy/extensions/load_balancing_policies/least_request/v3/least_request.ts'
import { TypedStruct } from '../../gen/xds/xds/type/v3/typed_struct.ts'
import { clusterOf, fromAny } from '../../test/support/decode-resource.ts'
import { type BalancingPolicy, balancingPolicies } from './balancing.ts'
import { clusterResource } from './cluster.ts'

/** The policies that pick an endpoint, best first. */
function pickingPolicies(balancing: BalancingPolicy) {
  const { loadBalancingPolicy } = clusterOf(clusterResource('primes', balancing))
  return (loadBalancingPolicy?.policies ?? []).map(({ typedExtensionConfig }) => typedExtensionConfig)
}

const typeNames = (balancing: BalancingPolicy) =>
  pickingPolicies(balancing).map((entry) => entry?.typedConfig?.typeUrl.split('.').at(-1))

test('a cluster takes its endpoints from the same stream', () => {
  const { name, edsClusterConfig, clusterDiscoveryType } = clusterOf(clusterResource('primes', 'round_robin'))
  assert.equal(name, 'primes')
  assert.equal(clusterDiscoveryType?.$case, 'type')
  assert.equal(edsClusterConfig?.serviceName, 'primes')
  assert.equal(edsClusterConfig.edsConfig?.configSourceSpecifier?.$case, 'ads')
  assert.deepEqual(clusterResource('primes', 'round_robin').references, [{ type: 'endpoints', name: 'primes' }])
})

test('callers that know no least request find round robin after it', () => {
  assert.deepEqual(typeNames('round_robin'), ['RoundRobin'])
  assert.deepEqual(typeNames('least_request_two_choices'), ['TypedStruct', 'LeastRequest', 'RoundRobin'])
  assert.deepEqual(typeNames('least_request_full_scan'), ['TypedStruct', 'LeastRequest', 'RoundRobin'])
})

test('our own callers are told how to choose, and all others choose between two', () => {
  const [ours, theirs] = pickingPolicies('least_request_full_scan')
  const { typeUrl, value } = fromAny(TypedStruct, ours?.typedConfig)
  assert.equal(typeUrl, 'type.googleapis.com/evenkeel_least_request')
  assert.deepEqual(value, { selection: 'full_scan' })
  assert.equal(fromAny(LeastRequest, theirs?.typedConfig).choiceCount, 2)
})

test('a channel may have more calls open than the 1024 at which gRPC stops by default', () => {
  const [threshold] = clusterOf(clusterResource('primes', 'round_robin')).circuitBreakers?.thresholds ?? []
  assert.equal(threshold?.maxRequests, 1_000_000)
})

test('each policy makes another version, and the same one wherever it is made', () => {
  const versions = balancingPolicies.map((balancing) => clusterResource('primes', balancing).version)
  assert.equal(new Set(versions).size, balancingPolicies.length)
  assert.deepEqual(
    versions,
    balancingPolicies.map((balancing) => clusterResource('primes', balancing).version),
  )
})
