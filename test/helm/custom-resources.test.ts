import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchDefinitions } from './support/definitions.ts'
import { definitionValidator } from './support/definition-validator.ts'
import { valueSets } from './support/value-sets.ts'

const validate = definitionValidator(await fetchDefinitions())

/** Kinds that every API server knows. */
const ofKubernetes = /^(v1|(apps|autoscaling|policy|(networking|rbac\.authorization)\.k8s\.io)\/v\d)$/

test('what is rendered of kinds that others define fits their definitions', async (context) => {
  const seen = new Set<string>()
  for (const { name, rendering } of valueSets()) {
    const objects = rendering.objects.filter(({ apiVersion }) => !ofKubernetes.test(apiVersion))
    for (const object of objects) {
      seen.add(object.kind)
      await context.test(`${object.kind} with ${name}`, () => assert.deepEqual(validate(object), []))
    }
  }
  const kinds = ['Certificate', 'DestinationRule', 'GRPCRoute', 'PrometheusRule', 'ScaledObject', 'ServiceMonitor']
  assert.deepEqual([...seen].toSorted(), kinds)
})
