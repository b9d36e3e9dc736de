import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { readTree, root, treeFiles } from './tree.ts'

const files = new Set(treeFiles())
const scripts = Object.entries(manifest.scripts)

test('every file that a script names exists', () => {
  const missing = scripts.flatMap(([name, command]) =>
    command
      .split(/\s+/)
      .filter((word) => /^[\w./-]+\.(ts|js|sh)$/.test(word) && !files.has(word))
      .map((word) => `${name}: ${word}`),
  )
  assert.deepEqual(missing, [])
})

test('every script that a script runs exists', () => {
  const named = scripts.flatMap(([, command]) =>
    [...command.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
  )
  assert.deepEqual(
    named.filter((name) => !Object.hasOwn(manifest.scripts, name)),
    [],
  )
})

test('the commands of the package are files that can be run', () => {
  for (const file of Object.values(manifest.bin)) assert.equal(statSync(join(root, file)).mode & 0o777, 0o755)
})

test('versions of packages are exact', () => {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  assert.deepEqual(
    all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  )
})

test('the package says which Node it needs, and npm does not refuse another one that runs npm', () => {
  assert.match(manifest.engines.node, /^>=\d+(\.\d+)*$/)
  // With engine-strict, `npm start` is dead on a machine with an older Node, though it brings its own.
  assert.ok(!/engine-strict\s*=\s*true/.test(readTree('.npmrc')))
})

test('what is exported is built of a source that exists', () => {
  const sources = Object.values(manifest.exports).map((file) => file.replace('./dist/', '').replace(/\.js$/, '.ts'))
  assert.deepEqual(
    sources.filter((source) => !files.has(source)),
    [],
  )
})
