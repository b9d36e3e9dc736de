import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { helmTest } from './support/helm-test.ts'
import { installChart, release } from './support/install-chart.ts'
import { loadImages } from './support/load-images.ts'
import { startLoadPod } from './support/load-pod.ts'
import { createNamespace } from './support/namespace.ts'
import { runProgram } from './support/programs.ts'
import { setStage } from './support/stage.ts'
import { imageValues } from './support/values.ts'

const root = resolve(import.meta.dirname, '../..')
const values = resolve(root, 'helm/evenkeel/ci/foreign-values.yaml')
const call = ['--call', 'foreign.v1.CollatzService/Longest', '--data', '{"value": 3000}']
const answeredBy = ['--identify-by', 'header:evenkeel-endpoint']

test('an image that knows nothing of ours is spread evenly, and rolls without a lost call', async () => {
  const image = 'evenkeel/foreign-go:0.1.0'
  await runProgram(resolve(root, 'examples/foreign-go/build-image.sh'), [image], { timeoutMs: 300_000 })
  await loadImages([image])
  await using namespace = await createNamespace('evenkeel-foreign')
  const { kubectl } = namespace
  await installChart(kubectl, imageValues(), values)
  assert.match(await helmTest(kubectl), /^kept: calls lost 0, at most 0$/m)

  const { callersNode: node } = await setStage(kubectl)
  const args = ['--target', `${release}-envoy:8080`, '--rate', '100', '--for', '10m', ...call, ...answeredBy]
  await using load = await startLoadPod(kubectl, { name: 'load', node, args })
  await kubectl.run(['rollout', 'restart', `deployment/${release}`])
  await kubectl.rolledOut(release)
  const { sent, lost, refused, callsPerPod, errorsByCode } = await load.end()
  console.error(`foreign image, rolled: sent ${sent}, refused ${refused}, lost ${lost}`, callsPerPod)
  assert.deepEqual({ lost, refused }, { lost: 0, refused: 0 }, JSON.stringify(errorsByCode))
  assert.ok(Object.keys(callsPerPod).length >= 4, `both generations of pods answered: ${JSON.stringify(callsPerPod)}`)
})
