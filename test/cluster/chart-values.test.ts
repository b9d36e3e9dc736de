import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { helmTest } from './support/helm-test.ts'
import { imageValue } from './support/images.ts'
import { installChart } from './support/install-chart.ts'
import type { Kubectl, KubernetesObject } from './support/kubectl.ts'
import { createNamespace } from './support/namespace.ts'
import { applyTlsSecrets } from './support/tls-secrets.ts'
import { imageValues } from './support/values.ts'

interface Autoscaler extends KubernetesObject {
  spec: { minReplicas: number; scaleTargetRef: { name: string } }
}

/** An autoscaler begins with one pod, and looks every 15 s. */
async function expectAutoscaled(kubectl: Kubectl): Promise<void> {
  for (const { spec } of await kubectl.list<Autoscaler>('horizontalpodautoscalers')) {
    const deployment = `deployment/${spec.scaleTargetRef.name}`
    const { status } = await kubectl.get<{ status: { readyReplicas?: number } }>(deployment)
    const { readyReplicas: ready = 0 } = status
    if (ready < spec.minReplicas)
      throw new Error(`${deployment} has ${ready} ready pods, fewer than ${spec.minReplicas}`)
  }
}

const folder = resolve(import.meta.dirname, '../../helm/evenkeel/ci')

for (const file of globSync('*-values.yaml', { cwd: folder }).toSorted()) {
  const image = imageValue(file.startsWith('foreign') ? 'foreign-go' : 'primes')

  test(`the chart is installed with ${file}, and helm test finds it serving, evenly and without a lost call`, async () => {
    await using namespace = await createNamespace(`evenkeel-${file.replace('-values.yaml', '')}`, { waitAtEnd: false })
    await using certificates = await makeCertificates()
    await applyTlsSecrets(namespace.kubectl, certificates, await certificates.authority('authority'))
    await installChart(namespace.kubectl, { ...imageValues(), service: { image } }, resolve(folder, file))
    await eventually(() => expectAutoscaled(namespace.kubectl), { withinMs: 120_000, everyMs: 1000 })
    const printed = await helmTest(namespace.kubectl)
    assert.match(printed, /^SERVING$/m)
    assert.match(printed, /^kept: max\/min of calls per pod /m)
    assert.match(printed, /^kept: calls lost 0, at most 0$/m)
  })
}
