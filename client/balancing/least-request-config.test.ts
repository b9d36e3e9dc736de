import assert from 'node:assert/strict'
import { test } from 'node:test'
import { experimental } from '@grpc/grpc-js'
import { LeastRequestConfig } from './least-request-config.ts'
import { balancingPolicies, loadBalancingConfig } from './policy.ts'
import { registerLeastRequest } from './register-least-request.ts'

test('every balancing policy is one that grpc-js has, once ours is registered', () => {
  registerLeastRequest()
  registerLeastRequest()
  for (const policy of balancingPolicies) {
    const [config] = loadBalancingConfig(policy)
    assert.deepEqual(experimental.parseLoadBalancingConfig(config as never).toJsonObject(), config)
  }
})

test('full scan is the default, and other selections are refused by name', () => {
  assert.equal(LeastRequestConfig.createFromJson({}).selection, 'full_scan')
  assert.throws(() => LeastRequestConfig.createFromJson({ selection: 'all' }), {
    message: 'selection is "all"; it must be "full_scan" or "two_choices"',
  })
})
