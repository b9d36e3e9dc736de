import { join } from 'node:path'
import { test } from 'node:test'
import { renderText } from './support/render.ts'

// A wanted change is written by: node --test --test-update-snapshots test/helm/defaults.test.ts
test('what `helm install evenkeel` makes is in snapshots/defaults.yaml, to be reviewed when it changes', (context) => {
  const file = join(import.meta.dirname, 'snapshots/defaults.yaml')
  context.assert.fileSnapshot(renderText(), file, { serializers: [(text) => text] })
})
