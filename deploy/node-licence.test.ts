import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeLicenceBeside } from './node-licence.ts'

const packed = `node-${process.platform}-${process.arch}`

for (const [whose, place] of [
  ['an archive of nodejs.org', '.'],
  ['the package of npm', `node_modules/${packed}`],
  ['the package of npm, installed flat', `../${packed}`],
  ['a package of Debian', 'share/doc/nodejs'],
] as const) {
  test(`the licence of Node is found beside that of ${whose}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'evenkeel-node-'))
    t.after(() => rm(folder, { recursive: true }))
    const licence = join(folder, 'home', place, 'LICENSE')
    await mkdir(join(licence, '..'), { recursive: true })
    await writeFile(licence, 'Node.js is licensed')
    assert.deepEqual(await nodeLicenceBeside(join(folder, 'home/bin/node')), [licence])
  })
}
