import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nestedValues } from './support/nested-values.ts'
import { chartFolder, type Release, renderError, type Values } from './support/render.ts'

/** Values that are refused, and everything that the refusal says. */
interface Refusal {
  given: Values
  says: string
  release?: Release
}

const withoutEnvoy = { 'envoy.enabled': false }
const byDns = { 'balancing.endpoints': 'dns' }
const podsTls = { 'tls.pods.enabled': true }
const aGateway = { 'gateway.enabled': true, 'gateway.parentRefs': [{ name: 'edge' }] }
const keda = { 'keda.enabled': true, 'keda.prometheusUrl': 'http://prometheus:9090' }

const balancing: Refusal[] = [
  {
    given: { ...byDns, 'balancing.zones': 'prefer' },
    says: 'balancing.zones=prefer: DNS tells no zones; set balancing.endpoints=xds',
  },
  {
    given: { 'balancing.zones': 'prefer' },
    release: { kubeVersion: 'v1.34.2' },
    says: 'balancing.zones=prefer: Kubernetes v1.34.2 does not tell pods their zone, 1.35 does; set balancing.zones=ignore',
  },
  {
    given: { ...byDns, 'proxyless.enabled': true },
    says: 'proxyless.enabled: there is no control plane with balancing.endpoints=dns; set balancing.endpoints=xds',
  },
  {
    given: withoutEnvoy,
    says: 'envoy.enabled=false: nothing balances calls then; set proxyless.enabled, gateway.enabled or istio.enabled',
  },
  {
    given: aGateway,
    says: 'gateway.enabled: the Gateway takes the place of our Envoy; set envoy.enabled=false',
  },
  {
    given: { 'istio.enabled': true },
    says: 'istio.enabled: the mesh takes the place of our Envoy; set envoy.enabled=false',
  },
  {
    given: { ...withoutEnvoy, ...aGateway, 'istio.enabled': true },
    says: 'gateway.enabled: the mesh balances already; set istio.enabled=false',
  },
  {
    given: { ...withoutEnvoy, 'gateway.enabled': true },
    says: 'gateway.enabled: a GRPCRoute belongs to a Gateway; set gateway.parentRefs',
  },
]

const lifetime: Refusal[] = [
  {
    given: { 'service.defaultDeadlineMs': 30_001 },
    says: 'service.defaultDeadlineMs=30001: must not be above service.maxDeadlineMs=30000',
  },
  {
    given: { 'service.drainTimeoutMs': 30_999 },
    says: 'service.drainTimeoutMs=30999: calls would be cut; it must be at least drainDelayMs + maxDeadlineMs = 31000',
  },
  {
    given: { 'service.terminationGracePeriodSeconds': 41 },
    says: 'service.terminationGracePeriodSeconds=41: pods would be killed while they drain; it must be at least 42, the preStop sleep of 5 s, drainTimeoutMs, and 5 s',
  },
  {
    given: { ...byDns, 'service.preStopSeconds': 30 },
    says: 'service.preStopSeconds=30: Envoy calls a pod that left for up to balancing.dns.ttlSeconds + refreshSeconds = 31 s; set at least that, or balancing.endpoints=xds',
  },
  {
    given: { 'envoy.drainTimeoutSeconds': 29 },
    says: 'envoy.drainTimeoutSeconds=29: calls would be cut; it must be at least service.maxDeadlineMs = 30000 ms',
  },
]

const replicas: Refusal[] = [
  {
    given: { ...keda, 'service.autoscaling.enabled': true },
    says: 'keda.enabled: two autoscalers would own the replicas; set service.autoscaling.enabled=false',
  },
  {
    given: { 'keda.enabled': true },
    says: 'keda.enabled: it asks Prometheus how busy workers are; set keda.prometheusUrl',
  },
  {
    given: { ...keda, 'service.chassis': false },
    says: 'keda.enabled: it scales by metrics of a chassis, which service.chassis=false has not; set service.autoscaling.enabled',
  },
  {
    given: { 'service.autoscaling.minReplicas': 11 },
    says: 'service.autoscaling.minReplicas=11: must not be above service.autoscaling.maxReplicas=10',
  },
  {
    given: { 'envoy.autoscaling.enabled': true, 'envoy.resources.requests.cpu': null },
    says: 'envoy.autoscaling.enabled: it compares the use of CPU with what is requested; set envoy.resources.requests.cpu',
  },
  {
    given: { 'envoy.replicas': 0 },
    says: 'envoy.replicas=0: nobody answers callers; set at least 1, or envoy.enabled=false',
  },
  {
    given: { 'controlPlane.replicas': 0 },
    says: 'controlPlane.replicas=0: who starts is told of no pod, and waits; set at least 1, or balancing.endpoints=dns',
  },
]

const resources: Refusal[] = [
  {
    given: { 'envoy.maxRequests': 389 },
    says: 'envoy.maxRequests=389: calls that pods have room for would end with UNAVAILABLE; it must be at least 390, pods times queueLimit + workers + 1, or null',
  },
  {
    given: { 'service.resources.requests.cpu': '1500m' },
    says: 'service.resources.requests.cpu=1500m: must not be above service.resources.limits.cpu=1',
  },
  {
    given: { 'controlPlane.resources': { requests: { memory: '1G' }, limits: { memory: '0.5Gi' } } },
    says: 'controlPlane.resources.requests.memory=1G: must not be above controlPlane.resources.limits.memory=0.5Gi',
  },
  {
    given: { 'envoy.maxHeapMib': 513 },
    says: 'envoy.resources.limits.memory=640Mi: Envoy would be killed before it refuses calls; it must be at least envoy.maxHeapMib + 128 = 641Mi',
  },
  {
    given: { 'service.workers': 3, 'service.resources.limits.cpu': '1500m' },
    says: 'service.workers=3: more than service.resources.limits.cpu=1500m can run would stall the gRPC thread; raise the limit, or set service.workers=null',
  },
]

const ports: Refusal[] = [
  { given: { 'service.port': 50_052 }, says: 'service.healthPort=50052: is service.port too; set another one' },
  {
    given: { 'service.metricsPort': 50_051 },
    says: 'service.metricsPort=50051: is service.port or service.healthPort too; set another one',
  },
  { given: { 'envoy.readyPort': 8080 }, says: 'envoy.readyPort=8080: is envoy.port too; set another one' },
  {
    given: { 'envoy.port': 9901 },
    says: "envoy.port or envoy.readyPort=9901: is the port of Envoy's admin; set another one",
  },
  {
    given: { 'envoy.service.nodePort': 30_080 },
    says: 'envoy.service.nodePort: a ClusterIP has none; set envoy.service.type=NodePort or LoadBalancer',
  },
  {
    given: { 'envoy.service.loadBalancerSourceRanges': ['10.0.0.0/8'] },
    says: 'envoy.service.loadBalancerSourceRanges: a ClusterIP keeps nobody out; set envoy.service.type=LoadBalancer, or networkPolicy.callers',
  },
]

const tls: Refusal[] = [
  {
    given: { ...withoutEnvoy, 'proxyless.enabled': true, 'tls.callers.enabled': true },
    says: 'tls.callers.enabled: it is between callers and our Envoy; set envoy.enabled=true',
  },
  {
    given: { 'tls.callers.requireClientCertificate': true },
    says: 'tls.callers.requireClientCertificate: without TLS everyone may call; set tls.callers.enabled=true',
  },
  {
    given: { 'tls.callers': { enabled: true, clientNames: ['batch.shop.svc'] } },
    says: 'tls.callers.clientNames: nobody is asked for a certificate; set tls.callers.requireClientCertificate=true',
  },
  {
    given: { ...withoutEnvoy, ...podsTls, 'istio.enabled': true },
    says: 'tls.pods.enabled: a Gateway or mesh brings its own TLS to pods; set tls.pods.enabled=false',
  },
  {
    given: { ...podsTls, 'service.chassis': false },
    says: 'tls.pods.enabled: the kubelet checks health without TLS; set service.healthPort to a port of its own',
  },
  {
    given: { ...podsTls, 'proxyless.enabled': true },
    says: 'tls.pods.enabled: pods would turn callers without Envoy away; set tls.pods.clientNames to the names of their certificates',
  },
  {
    given: { 'tls.callers': { enabled: true, issuerRef: { kind: 'Issuer' } } },
    says: 'tls.callers.issuerRef: names no issuer; set tls.callers.issuerRef.name',
  },
  {
    given: { 'tls.pods': { enabled: true, issuerRef: { name: 'own' }, secretName: 'one', envoySecretName: 'one' } },
    says: 'tls: two certificates would be written into one Secret of one; set tls.callers.secretName, tls.pods.secretName and tls.pods.envoySecretName to different names',
  },
]

const names: Refusal[] = [
  {
    given: {},
    release: { release: 'a-release-of-thirty-two-letters-x' },
    says: 'a-release-of-thirty-two-letters-x-evenkeel: has 42 characters, and names made of it would be too long; set fullnameOverride to at most 40',
  },
  {
    given: {},
    release: { release: '1.2' },
    says: '1.2-evenkeel: the name of a Service begins with a letter and has no dots; set fullnameOverride',
  },
  {
    given: { 'envoy.podLabels': { 'app.kubernetes.io/component': 'edge' } },
    says: "envoy.podLabels: app.kubernetes.io/component is the chart's own; set another label",
  },
  {
    given: { 'service.env': [{ name: 'EVENKEEL_WORKERS', value: '2' }] },
    says: 'service.env: the chart sets EVENKEEL_WORKERS itself; set the value that it is made of',
  },
  {
    given: { 'test.method': 'a.B/C' },
    says: 'test.method: how it is called is asked by reflection; set service.reflection=true',
  },
]

const refusals = [...balancing, ...lifetime, ...replicas, ...resources, ...ports, ...tls, ...names]

for (const { given, says, release } of refusals) {
  test(`the chart refuses ${JSON.stringify(release ?? given)}, and says what to set`, () => {
    assert.deepEqual(problemsIn(renderError(nestedValues(given), release)), [says])
  })
}

test('everything that is wrong is told at once', () => {
  const values = nestedValues({ 'envoy.replicas': 0, 'controlPlane.replicas': 0 })
  assert.equal(problemsIn(renderError(values)).length, 2)
})

test('every guard of the templates is met by a refusal above', (context) => {
  const folder = join(chartFolder, 'templates/guards')
  const lines = globSync('*.tpl', { cwd: folder }).flatMap(
    (file) => readFileSync(join(folder, file), 'utf8').match(/^- .+$/gm) ?? [],
  )
  const guards = lines.map((line) => /"([^"]+)"/.exec(line)?.[1] ?? line)
  context.diagnostic(`${guards.length} guards`)
  assert.ok(guards.length > 0)
  assert.deepEqual(
    guards.filter((guard) => !refusals.some(({ says }) => patternOf(guard).test(says))),
    [],
  )
})

function problemsIn(error: string): string[] {
  return (error.split('\n\n')[1] ?? '').split('\n')
}

/** A message with its verbs of printf, as a pattern. */
function patternOf(guard: string): RegExp {
  const escaped = guard.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/%[sd]/g, '.+')}$`)
}
