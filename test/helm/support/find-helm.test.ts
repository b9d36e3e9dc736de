import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../deploy/local/temporary-folder.ts'
import { findHelm } from './find-helm.ts'

test('the first Helm 4 is taken, and of another is said where it is and what to do', async () => {
  await using place = await temporaryFolder('test-helm')
  const [empty = '', three = '', four = ''] = ['empty', 'three', 'four'].map((name) => join(place.path, name))
  for (const folder of [empty, three, four]) await mkdir(folder)
  await writeFile(join(three, 'helm'), '#!/bin/sh\nprintf v3.19.0', { mode: 0o755 })
  await writeFile(join(four, 'helm'), '#!/bin/sh\nprintf v4.1.4', { mode: 0o755 })
  assert.equal(findHelm([empty, three, four]), join(four, 'helm'))
  assert.throws(() => findHelm([empty]), /there is no helm: install Helm 4 into PATH/)
  assert.throws(() => findHelm([empty, three]), /three\/helm is v3\.19\.0: install Helm 4 into PATH/)
})
