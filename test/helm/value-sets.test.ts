import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { validateEnvoyConfig } from '../../deploy/local/envoy-process.ts'
import { envoyBinary, needsEnvoy } from '../support/envoy.ts'
import { chartFolder, renderText, runHelm } from './support/render.ts'
import { valueFiles, valueSets } from './support/value-sets.ts'

test('every file of ci/ has a name that `helm install` by ci/*-values.yaml finds', () => {
  assert.ok(valueFiles.length > 0)
  assert.deepEqual(
    valueFiles.filter((file) => !/^[a-z-]+-values\.yaml$/.test(file)),
    [],
  )
})

for (const file of valueFiles) {
  test(`\`helm lint --strict\` has nothing to say of ${file}`, () => {
    const { status, stdout, stderr } = runHelm([
      'lint',
      '--strict',
      chartFolder,
      '--values',
      join(chartFolder, 'ci', file),
    ])
    assert.equal(status, 0, stdout + stderr)
    // An icon is for catalogues of charts.
    assert.deepEqual(stdout.match(/\[(?:INFO|WARNING|ERROR)\].+/g), ['[INFO] Chart.yaml: icon is recommended'])
  })
}

for (const { name, values, rendering } of valueSets()) {
  test(`the same comes of ${name} each time`, () => {
    assert.equal(renderText(values), renderText(values))
  })

  const files = rendering.at('ConfigMap/evenkeel-envoy data') as Record<string, string> | undefined
  if (files === undefined) continue
  test(`Envoy takes the configuration of ${name} without a warning`, needsEnvoy, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chart-envoy-'))
    const here = (text: string): string => text.replaceAll('/etc/envoy', folder)
    try {
      for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), here(text))
      assert.deepEqual(await validateEnvoyConfig(envoyBinary(), here(files['envoy.yaml'] ?? '')), { warnings: [] })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test(`every file that Envoy reads with ${name} is mounted`, () => {
    const mounts = rendering.at('Deployment/evenkeel-envoy spec template spec initContainers envoy volumeMounts') as {
      mountPath: string
    }[]
    const read = [
      ...Object.values(files)
        .join('\n')
        .matchAll(/(?:path|filename)"?: ?"?(\/etc\/[^"\s}]+)/g),
    ].map(([, path = '']) => path)
    const unknown = read.filter((path) => {
      const mount = mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))
      const file = path.slice((mount?.mountPath.length ?? 0) + 1)
      return mount === undefined || (mount.mountPath === '/etc/envoy' && !(file in files))
    })
    assert.deepEqual(unknown, [])
    assert.ok(Object.values(files).every((text) => parse(text) !== null))
  })
}
