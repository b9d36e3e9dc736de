import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchDefinitions } from './support/definitions.ts'
import { definitionValidator } from './support/definition-validator.ts'
import { render, type Values } from './support/render.ts'

const validate = definitionValidator(await fetchDefinitions())

/** Values that render kinds which others define, by these kinds. */
const renderings: Record<string, Values> = {
  'PrometheusRule, ServiceMonitor': {
    monitoring: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
    },
  },
  ScaledObject: { keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } },
  GRPCRoute: {
    envoy: { enabled: false },
    gateway: { enabled: true, parentRefs: [{ name: 'edge', namespace: 'edge' }], hostnames: ['primes.example'] },
  },
  DestinationRule: { envoy: { enabled: false }, istio: { enabled: true } },
  Certificate: {
    tls: {
      callers: { enabled: true, issuerRef: { name: 'ours' } },
      pods: { enabled: true, issuerRef: { name: 'ours' } },
    },
  },
}

/** Kinds that every API server knows. */
const ofKubernetes = /^(v1|(apps|autoscaling|policy|(networking|rbac\.authorization)\.k8s\.io)\/v\d)$/

for (const [kinds, values] of Object.entries(renderings)) {
  test(`what is rendered of the kinds ${kinds} fits their definitions`, () => {
    const objects = render(values).objects.filter(({ apiVersion }) => !ofKubernetes.test(apiVersion))
    assert.equal([...new Set(objects.map(({ kind }) => kind))].toSorted().join(', '), kinds)
    assert.deepEqual(
      objects.map((object) => validate(object)),
      objects.map(() => []),
    )
  })
}
