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

const callersTls = { 'tls.callers.enabled': true }

/** What the pods of `helm test` know of TLS: the names and values of their environment, and the files of the Secret that they see. */
function tlsOf(values: Values): unknown {
  const rendering = render(nestedValues(values))
  const environment = rendering.at('Pod/evenkeel-test-call spec containers call env') as {
    name: string
    value: string
  }[]
  const secret = rendering.at('Pod/evenkeel-test-call spec volumes tls secret')
  return { environment: Object.fromEntries(environment.map(({ name, value }) => [name, value])), secret }
}

test("`helm test` asks for the name that Envoy's certificate has, and sees no private key unless it must show one", () => {
  const environment = {
    EVENKEEL_TLS_AUTHORITIES: '/etc/evenkeel/tls/ca.crt',
    EVENKEEL_TLS_SERVER_NAME: 'evenkeel-envoy.shop.svc',
  }
  const pair = {
    EVENKEEL_TLS_CERTIFICATE: '/etc/evenkeel/tls/tls.crt',
    EVENKEEL_TLS_PRIVATE_KEY: '/etc/evenkeel/tls/tls.key',
  }
  const secretName = 'evenkeel-envoy-callers-tls'
  const ca = { key: 'ca.crt', path: 'ca.crt' }
  // Otherwise the kubelet would wait for a ca.crt that is missing.
  assert.deepEqual(tlsOf(callersTls), { environment, secret: { secretName, optional: true, items: [ca] } })
  assert.deepEqual(tlsOf({ ...callersTls, 'tls.callers.requireClientCertificate': true }), {
    environment: { ...environment, ...pair },
    secret: { secretName, optional: true },
  })
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
  assert.equal(argsOf('distribution', { 'service.chassis': false, 'envoy.tellEndpoint': false }), undefined)
  assert.ok((argsOf('distribution', { 'service.chassis': false }) as string[]).includes('header:evenkeel-endpoint'))
})
