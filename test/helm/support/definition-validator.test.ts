import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchDefinitions } from './definitions.ts'
import { definitionValidator } from './definition-validator.ts'
import type { KubernetesObject } from './rendering.ts'

const validate = definitionValidator(await fetchDefinitions())

const route = (backend: object): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GRPCRoute',
  metadata: { name: 'a' },
  spec: { parentRefs: [{ name: 'gateway' }], rules: [{ backendRefs: [backend] }] },
})

test('an object that fits its definition has no problems', () => {
  assert.deepEqual(validate(route({ name: 'a', port: 50051 })), [])
})

test('a field that its definition does not know is a problem, as is a value of the wrong type', () => {
  assert.match(String(validate(route({ name: 'a', prot: 50051 }))), /backendRefs\/0 .*additional.*"prot"/)
  assert.match(String(validate(route({ name: 'a', port: 'grpc' }))), /backendRefs\/0\/port must be integer/)
})

test('an object whose kind nobody defines is not said to be right', () => {
  assert.equal(validate({ apiVersion: 'example.com/v1', kind: 'Route', metadata: { name: 'a' } }), undefined)
})
