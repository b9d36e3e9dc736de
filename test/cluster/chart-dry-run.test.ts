import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from '../helm/support/render.ts'
import { valueSets } from '../helm/support/value-sets.ts'
import { defineKinds } from './support/define-kinds.ts'
import { createNamespace } from './support/namespace.ts'

const namespace = 'evenkeel-dry-run'
const dryRun = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--warnings-as-errors']

test('the API server takes every object of every set of values, without a warning', async (context) => {
  await using place = await createNamespace(namespace)
  const { kubectl } = place
  const sets = valueSets().map(({ name, values }) => ({ name, objects: render(values, { namespace }).objects }))
  const kinds = new Set(sets.flatMap(({ objects }) => objects.map(({ kind }) => kind)))
  await using stack = new AsyncDisposableStack()
  stack.use(await defineKinds(kubectl, kinds))
  for (const { name, objects } of sets) {
    await context.test(name, async () => {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      const answers = (await kubectl.run([...dryRun, '--filename', '-'], { input: list })).trim().split('\n')
      assert.equal(answers.length, objects.length)
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
