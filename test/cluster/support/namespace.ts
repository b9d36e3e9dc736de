import { Kubectl } from './kubectl.ts'

/** A namespace of a test, in which Pod Security `restricted` is enforced. Disposing deletes it and waits until it is gone. */
export interface TestNamespace extends AsyncDisposable {
  kubectl: Kubectl
}

/** Makes a namespace of this name; one that an earlier run left is deleted first. */
export async function createNamespace(name: string): Promise<TestNamespace> {
  const kubectl = new Kubectl(name)
  const remove = async (): Promise<void> => {
    await kubectl.run(['delete', 'namespace', name, '--ignore-not-found', '--wait'], { timeoutMs: 180_000 })
  }
  await remove()
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' }
  await kubectl.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }])
  return { kubectl, [Symbol.asyncDispose]: remove }
}
