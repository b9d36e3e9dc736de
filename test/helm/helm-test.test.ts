import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nestedValues } from './support/nested-values.ts'
import { render, type Values } from './support/render.ts'

const argsOf = (pod: string, values: Values): unknown =>
  render(nestedValues(values)).at(`Pod/evenkeel-test-${pod} spec containers ${pod} args`)

function expectedPods(values: Values): unknown {
  const args = argsOf('distribution', values) as string[]
  return args[args.indexOf('--expect-pods') + 1]
}

test('`helm test` expects all pods, or as many as an autoscaler leaves at the least', () => {
  const least = { 'service.autoscaling.minReplicas': 4 }
  assert.equal(expectedPods({ 'service.replicas': 5 }), '5')
  assert.equal(expectedPods({ ...least, 'service.autoscaling.enabled': true }), '4')
  assert.equal(expectedPods({ ...least, keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } }), '4')
})

test('`helm test` counts calls per pod only where answers say who gave them', () => {
  const silent = { 'service.servedBy': false }
  assert.equal(argsOf('distribution', silent), undefined)
  assert.ok(argsOf('call', silent))
  assert.ok(argsOf('distribution', { ...silent, 'test.identifyBy': 'header:x-pod' }))
  assert.ok(
    (argsOf('distribution', { ...silent, 'envoy.tellEndpoint': true }) as string[]).includes(
      'header:evenkeel-endpoint',
    ),
  )
  assert.ok((argsOf('distribution', { 'service.chassis': false }) as string[]).includes('header:evenkeel-endpoint'))
})
