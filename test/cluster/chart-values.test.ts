import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import { helmTest } from './support/helm-test.ts'
import { imageValue } from './support/images.ts'
import { installChart } from './support/install-chart.ts'
import { createNamespace } from './support/namespace.ts'
import { applyTlsSecrets } from './support/tls-secrets.ts'
import { imageValues } from './support/values.ts'

const folder = resolve(import.meta.dirname, '../../helm/evenkeel/ci')

for (const file of globSync('*-values.yaml', { cwd: folder }).toSorted()) {
  const image = imageValue(file.startsWith('foreign') ? 'foreign-go' : 'primes')

  test(`the chart is installed with ${file}, and helm test finds it serving, evenly and without a lost call`, async () => {
    await using namespace = await createNamespace('evenkeel-values')
    await using certificates = await makeCertificates()
    await applyTlsSecrets(namespace.kubectl, certificates, await certificates.authority('authority'))
    await installChart(namespace.kubectl, { ...imageValues(), service: { image } }, resolve(folder, file))
    const printed = await helmTest(namespace.kubectl)
    assert.match(printed, /^SERVING$/m)
    assert.match(printed, /^kept: max\/min of calls per pod /m)
    assert.match(printed, /^kept: calls lost 0, at most 0$/m)
  })
}
