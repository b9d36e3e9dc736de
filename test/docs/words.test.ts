import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import process from 'node:process'
import { test } from 'node:test'
import { readTree, root, treeFiles } from './tree.ts'

// Whoever builds this has a registry and a home of their own; names of them in the tree would break it elsewhere.
const texts = treeFiles()
  .filter((file) => !/\.(binpb|png)$/.test(file))
  .map((file) => ({ file, text: readTree(file) }))

const holding = (pattern: RegExp): string[] =>
  texts.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([found]) => `${file}: ${found}`))

test('no file names the host of a package registry', () => {
  assert.deepEqual(holding(/registry\.npmjs\.\w+|\bpypi\.\w+|files\.pythonhosted|proxy\.golang|index\.docker/gi), [])
})

test('no file names the registry that npm is configured for', () => {
  const configured = process.env['npm_config_registry'] ?? 'https://registry.invalid/'
  const host = new URL(configured).host
  assert.deepEqual(
    texts.filter(({ text }) => text.includes(host) && host !== 'registry.invalid').map(({ file }) => file),
    [],
  )
})

test('the lock file names packages by version and hash, not by where they were fetched', () => {
  const lock = JSON.parse(readTree('package-lock.json')) as { packages: Record<string, { resolved?: string }> }
  assert.deepEqual(
    Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined),
    [],
  )
})

test('no file names a folder of one machine', () => {
  assert.deepEqual(holding(/(?<![\w.}])\/(?:home|Users|root)\/\w+/g), [])
  // A clone in a short path, such as /app, shares it with images.
  const own = [homedir(), root].filter((path) => path.split('/').length > 2)
  assert.deepEqual(
    texts.filter(({ text }) => own.some((path) => text.includes(`${path}/`))).map(({ file }) => file),
    [],
  )
})
