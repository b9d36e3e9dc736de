import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chartFolder, runHelm, type Values } from './support/render.ts'
import { nestedValues } from './support/nested-values.ts'

/** What `helm install` says at its end. */
function notes(values: Values): string {
  const args = ['install', 'evenkeel', chartFolder, '--namespace', 'shop', '--dry-run=client', '--values', '-']
  const { status, stdout, stderr } = runHelm(args, JSON.stringify(nestedValues(values)))
  assert.equal(status, 0, stderr)
  return stdout.slice(stdout.indexOf('\nNOTES:\n'))
}

test('the notes say how to call, scale and test what was installed', () => {
  const said = notes({ 'envoy.port': 7000 })
  assert.match(said, /Callers of this cluster call evenkeel-envoy\.shop:7000;/)
  assert.match(
    said,
    /port-forward service\/evenkeel-envoy 7000\n {2}npx evenkeel check 97 --target 127\.0\.0\.1:7000\n/,
  )
  assert.match(said, /kubectl --namespace shop scale deployment\/evenkeel --replicas 6/)
  assert.match(said, /helm --namespace shop test evenkeel --logs/)
})

test("the notes say what callers need for TLS, by Envoy's name and not by that of the forwarded port", () => {
  const enabled = { 'tls.callers.enabled': true }
  const byName = '--tls-authorities ca.crt --tls-server-name evenkeel-envoy.shop.svc'
  assert.ok(notes(enabled).includes(`check 97 ${byName} --target 127.0.0.1:8080\n`))
  assert.match(
    notes(enabled),
    /It reads ca\.crt in the Secret evenkeel-envoy-callers-tls, and asks for evenkeel-envoy\.shop\.svc\.\n/,
  )
  const asked = notes({ ...enabled, 'tls.callers.requireClientCertificate': true })
  assert.ok(asked.includes(`check 97 ${byName} --tls-certificate tls.crt --tls-private-key tls.key --target`))
})

test('the notes have a call that the image answers: what `helm test` calls, or a question for its health', () => {
  const method = { 'test.method': 'shop.Orders/Get', 'test.data': `{"id": "it's"}` }
  const spread = `spread --call shop.Orders/Get --data '{"id": "it'\\''s"}' --identify-by`
  const foreign = { 'service.chassis': false }
  assert.ok(
    notes({ 'service.reflection': true, ...method }).includes(
      `npx evenkeel ${spread} trailer:evenkeel-pod --target 127.0.0.1:8080\n`,
    ),
  )
  const ofForeign = notes({ ...foreign, ...method })
  assert.ok(ofForeign.includes(`npx evenkeel ${spread} header:evenkeel-endpoint --target 127.0.0.1:8080\n`))
  assert.ok(notes(foreign).includes('npx evenkeel health --target 127.0.0.1:8080\n'))
  const byName = notes({ ...foreign, 'service.healthService': 'shop.Orders' })
  assert.ok(byName.includes('npx evenkeel health --service shop.Orders --target 127.0.0.1:8080\n'))
})

test('the notes tell callers without Envoy where their bootstrap is, how it is tested, and nothing of Envoy', () => {
  const said = notes({ 'envoy.enabled': false, 'proxyless.enabled': true })
  assert.match(said, /ConfigMap evenkeel-xds-bootstrap, .+ call xds:\/\/\/evenkeel\n/)
  assert.match(said, /reach all replicas evenly:\n\n {2}helm --namespace shop test evenkeel --logs/)
  assert.doesNotMatch(said, /evenkeel-envoy/)
})

const direct = /port-forward service\/evenkeel-direct 50051\n {2}npx evenkeel check 97 --target 127\.0\.0\.1:50051\n/

test("the notes say how a Gateway's callers reach pods, and name no test where there is none", () => {
  const gateway = { 'gateway.enabled': true, 'gateway.parentRefs': [{ name: 'edge' }] }
  const said = notes({ 'envoy.enabled': false, ...gateway, 'gateway.hostnames': ['primes.example'] })
  assert.match(said, /by the GRPCRoute evenkeel, as primes\.example\. /)
  assert.match(said, /get grpcroute evenkeel /)
  assert.match(said, direct)
  assert.doesNotMatch(said, /helm .*test|without a lost call|evenkeel-envoy/)
})

test('the notes say what callers in a mesh call', () => {
  const said = notes({ 'envoy.enabled': false, 'istio.enabled': true })
  assert.match(said, /in the mesh call evenkeel-direct\.shop:50051;/)
  assert.match(said, direct)
})

test('the notes set no number of replicas that an autoscaler owns', () => {
  assert.doesNotMatch(notes({ 'service.autoscaling.enabled': true }), /scale deployment/)
  assert.doesNotMatch(notes({ 'keda.enabled': true, 'keda.prometheusUrl': 'http://prometheus:9090' }), /scale dep/)
})

test('the notes promise no more of `helm test` than it looks at', () => {
  const said = notes({ 'service.chassis': false, 'envoy.tellEndpoint': false })
  assert.match(said, /Whether a replica is reached:\n\n {2}helm --namespace shop test/)
})
