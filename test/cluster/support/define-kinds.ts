import { fetchDefinitions } from '../../helm/support/definitions.ts'
import { eventually } from '../../support/eventually.ts'
import type { Kubectl, KubernetesObject } from './kubectl.ts'

/** What is defined here and may be deleted again: never the definitions of somebody who is installed. */
const labels = { 'app.kubernetes.io/managed-by': 'evenkeel-tests' }
const selector = Object.entries(labels)
  .map((label) => label.join('='))
  .join()

/** Has the API server know those of these kinds that others define and it does not know yet. Disposing deletes their definitions. */
export async function defineKinds(kubectl: Kubectl, kinds: ReadonlySet<string>): Promise<AsyncDisposable> {
  const remove = async (): Promise<void> => void (await kubectl.run(['delete', 'crd', '--selector', selector]))
  await remove()
  await using made = new AsyncDisposableStack()
  made.defer(remove)
  const known = new Set((await kubectl.list<KubernetesObject>('crd')).map(({ metadata }) => metadata.name))
  const missing = (await fetchDefinitions()).filter(
    ({ metadata, spec }) => kinds.has(spec.names.kind) && !known.has(metadata.name),
  )
  if (missing.length > 0) {
    const items = missing.map((definition) => ({ ...definition, metadata: { ...definition.metadata, labels } }))
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    // The whole object as an annotation, which apply would make, is longer than annotations may be.
    await kubectl.run(['create', '--filename', '-'], { input: list })
    const established = ['wait', '--for=condition=Established', 'crd', '--selector', selector, '--timeout=60s']
    // Before the first condition is written, kubectl takes their absence for an error.
    await eventually(() => kubectl.run(established))
  }
  return made.move()
}
