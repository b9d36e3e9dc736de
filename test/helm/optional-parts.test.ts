import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render, renderText, type Values } from './support/render.ts'

const keda = { enabled: true, prometheusUrl: 'http://prometheus:9090' }
const withGateway = { envoy: { enabled: false }, gateway: { enabled: true, parentRefs: [{ name: 'edge' }] } }
const withIstio = { envoy: { enabled: false }, istio: { enabled: true } }
const monitored = { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } }

const namesIn = (values: Values): string[] =>
  render(values).objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
const byDefault = namesIn({})
/** Kinds and names of what is there with these values, and not by default. */
const added = (values: Values): string[] =>
  namesIn(values)
    .filter((name) => !byDefault.includes(name))
    .toSorted()

const groupsOf = (values: Values): unknown[] =>
  (render(values).at('PrometheusRule/evenkeel spec groups') as { name: string }[]).map(({ name }) => name)

test('what is not there is neither read nor watched', () => {
  const foreign = { monitoring: monitored, service: { chassis: false } }
  assert.deepEqual(added(foreign), [
    'PrometheusRule evenkeel',
    'ServiceMonitor evenkeel-control-plane',
    'ServiceMonitor evenkeel-envoy',
  ])
  assert.deepEqual(groupsOf(foreign), ['evenkeel-envoy', 'evenkeel-control-plane'])
  const byDns = { monitoring: monitored, balancing: { endpoints: 'dns' } }
  assert.deepEqual(added(byDns), [
    'PrometheusRule evenkeel',
    'ServiceMonitor evenkeel',
    'ServiceMonitor evenkeel-envoy',
  ])
  assert.deepEqual(groupsOf(byDns), ['evenkeel-service', 'evenkeel-envoy'])
  assert.deepEqual(groupsOf({ monitoring: monitored, ...withGateway }), ['evenkeel-service'])
})

test('KEDA owns the number of pods in place of the Deployment, within the bounds of autoscaling', () => {
  const rendering = render({ keda, service: { autoscaling: { minReplicas: 3, maxReplicas: 8 } } })
  assert.equal(rendering.at('Deployment/evenkeel spec replicas'), undefined)
  assert.equal(rendering.at('ScaledObject/evenkeel spec minReplicaCount'), 3)
  assert.equal(rendering.at('ScaledObject/evenkeel spec maxReplicaCount'), 8)
  assert.equal(rendering.at('ScaledObject/evenkeel spec fallback replicas'), 6)
})

test('a Gateway or Istio takes the place of Envoy and control plane, before a Service with an address', () => {
  assert.deepEqual(added(withGateway), ['GRPCRoute evenkeel', 'Service evenkeel-direct'])
  assert.deepEqual(added(withIstio), ['DestinationRule evenkeel', 'Service evenkeel-direct'])
  assert.doesNotMatch(renderText(withIstio), /name: evenkeel-(envoy|control-plane)/)
  const inTurn = render({ ...withIstio, balancing: { policy: 'round_robin' } })
  assert.equal(inTurn.at('DestinationRule/evenkeel spec trafficPolicy loadBalancer simple'), 'ROUND_ROBIN')
})

/** Values that cannot work, by what is said of them. */
