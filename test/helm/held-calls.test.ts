import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render, type Values } from './support/render.ts'

const limits = 'static_resources clusters replicas circuit_breakers thresholds 0'

/** By how many retries, and calls, there may be at once. */
const cases: { says: string; given: Values; retries: number; calls: number }[] = [
  { says: 'three pods of 130 calls each', given: {}, retries: 256, calls: 10_000 },
  {
    says: 'longer queues',
    given: { service: { queueLimit: 5000, resources: { limits: { cpu: '1500m' } } } },
    retries: 5003,
    calls: 30_018,
  },
  {
    says: 'pods of which nobody says how many workers they have',
    given: { service: { queueLimit: 900, resources: { limits: { cpu: null }, requests: { cpu: null } } } },
    retries: 1029,
    calls: 10_000,
  },
  {
    says: 'more pods, by an autoscaler',
    given: { service: { autoscaling: { enabled: true, maxReplicas: 100 } } },
    retries: 256,
    calls: 26_000,
  },
  {
    says: 'more pods, by KEDA',
    given: {
      service: { autoscaling: { maxReplicas: 100 } },
      keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' },
    },
    retries: 256,
    calls: 26_000,
  },
  { says: 'as many pods as somebody else says', given: { service: { replicas: null } }, retries: 256, calls: 10_000 },
  {
    says: 'another image, of which nothing is known',
    given: { service: { chassis: false, queueLimit: 5000 } },
    retries: 256,
    calls: 10_000,
  },
]

for (const { says, given, retries, calls } of cases) {
  test(`Envoy has room for what pods may hold, twice, and repeats what one may hold: ${says}`, () => {
    const rendering = render(given)
    assert.equal(rendering.inEnvoy(`${limits} retry_budget min_retry_concurrency`), retries)
    for (const bound of ['max_requests', 'max_pending_requests', 'max_connections']) {
      assert.equal(rendering.inEnvoy(`${limits} ${bound}`), calls)
    }
  })
}
