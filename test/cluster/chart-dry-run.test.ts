import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from '../helm/support/render.ts'
import { valueSets } from '../helm/support/value-sets.ts'
import { createNamespace } from './support/namespace.ts'

const namespace = 'evenkeel-dry-run'
const dryRun = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--warnings-as-errors']

/** What others define, and a cluster need not know. */
const optional = [
  'cert-manager.io/v1',
  'gateway.networking.k8s.io/v1',
  'keda.sh/v1alpha1',
  'monitoring.coreos.com/v1',
  'networking.istio.io/v1',
]

test('the API server takes every object of every set of values, without a warning', async (context) => {
  await using place = await createNamespace(namespace)
  const { kubectl } = place
  const known = (await kubectl.run(['api-versions'])).split('\n')
  for (const { name, values } of valueSets()) {
    await context.test(name, async () => {
      const { objects } = render(values, { namespace })
      const taken = objects.filter(({ apiVersion }) => known.includes(apiVersion) || !optional.includes(apiVersion))
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: taken })
      const answers = (await kubectl.run([...dryRun, '--filename', '-'], { input: list })).trim().split('\n')
      assert.equal(answers.length, taken.length)
    })
  }
})

test('the API server refuses a field that it does not know, and pods that Pod Security warns of', async () => {
  await using place = await createNamespace(namespace)
  const { kubectl } = place
  const dryRunOf = (object: object) => kubectl.run([...dryRun, '--filename', '-'], { input: JSON.stringify(object) })
  const [service] = render({}, { namespace }).ofKind('Service')
  await assert.rejects(dryRunOf({ ...service, spec: { ...(service?.['spec'] as object), colour: 'blue' } }), /colour/)
  const [deployment = {}] = render({ podSecurityContext: { runAsNonRoot: false } }, { namespace }).ofKind('Deployment')
  await assert.rejects(dryRunOf(deployment), /PodSecurity/)
})
