import { Kubectl } from './kubectl.ts'

/** A namespace of a test, in which Pod Security `restricted` is enforced. Disposing deletes it. */
export interface TestNamespace extends AsyncDisposable {
  kubectl: Kubectl
}

/**
 * Makes a namespace of this name; one that an earlier run left is deleted first. At the end it is waited for until it is gone,
 * unless the next test may begin while its pods drain.
 */
export async function createNamespace(name: string, { waitAtEnd = true } = {}): Promise<TestNamespace> {
  const kubectl = new Kubectl(name)
  const remove = async (wait = true): Promise<void> => {
    await kubectl.run(['delete', 'namespace', name, '--ignore-not-found', `--wait=${wait}`], { timeoutMs: 180_000 })
  }
  await remove()
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' }
  await kubectl.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }])
  return { kubectl, [Symbol.asyncDispose]: () => remove(waitAtEnd) }
}
