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

test('the notes speak of no command that another image would not know', () => {
  assert.doesNotMatch(notes({ 'service.chassis': false }), /evenkeel check/)
})

test('the notes tell callers without Envoy where their bootstrap is, and nothing of Envoy', () => {
  const said = notes({ 'envoy.enabled': false, 'proxyless.enabled': true })
  assert.match(said, /ConfigMap evenkeel-xds-bootstrap, .+ call xds:\/\/\/evenkeel\n/)
  assert.doesNotMatch(said, /evenkeel-envoy/)
})
