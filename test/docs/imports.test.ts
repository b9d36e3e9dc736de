import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { readTree, treeFiles } from './tree.ts'

/** The parts of the house, and which others each may import. A file belongs to the longest name that it begins with. */
const allowed: Record<string, readonly string[]> = {
  'gen/': [],
  'chassis/': ['gen/'],
  'client/': ['gen/'],
  'control-plane/': ['chassis/', 'gen/'],
  'service/': ['chassis/', 'gen/'],
  'service/primes/': ['chassis/', 'gen/'],
  'service/primes/number-theory/': [],
  'examples/': ['chassis/', 'gen/'],
  'envoy/': [],
  'helm/': [],
  'deploy/local/': ['envoy/', 'service/', 'control-plane/', 'client/', 'chassis/', 'gen/'],
  'deploy/': ['deploy/local/', 'envoy/', 'control-plane/', 'chassis/', 'gen/', 'package.json'],
  'cli/': ['deploy/local/', 'envoy/', 'service/', 'control-plane/', 'client/', 'chassis/', 'gen/', 'package.json'],
}

/** Who else may import the workload: what serves it, and the commands that are its own. */
const ownFilesOfPrimes = /^(service\/main\.ts|cli\/(check|factorize|list)\.ts|cli\/primes\/.*)$/

const files = treeFiles().filter((file) => file.endsWith('.ts'))
const there = new Set(treeFiles())
const edges = files.flatMap((file) => importsOf(file).map((target) => ({ file, target })))

test('every relative import leads to a file of the tree', () => {
  assert.deepEqual(
    // gen/xds is made on install and not committed.
    edges.filter(({ target }) => !there.has(target) && !(target.startsWith('gen/xds/') && existsSync(target))),
    [],
  )
})

test('imports go one way: cli, deploy/local, service, chassis, gen', () => {
  assert.ok(edges.length > 100)
  assert.deepEqual(
    edges.filter(({ file, target }) => !mayImport(file, target)).map(({ file, target }) => `${file} imports ${target}`),
    [],
  )
})

test('every file of the product belongs to a part of the house', () => {
  assert.deepEqual(
    files.filter((file) => !file.startsWith('test/') && partOf(file) === undefined),
    [],
  )
})

function mayImport(file: string, target: string): boolean {
  if (file.startsWith('test/')) return true
  if (file.endsWith('.test.ts') && target.startsWith('test/support/')) return true
  const from = partOf(file)
  const to = partOf(target) ?? target
  if (from === undefined) return false
  if (from === to) return true
  if (to === 'service/primes/number-theory/' && from === 'service/primes/') return true
  if (to === 'service/primes/') return ownFilesOfPrimes.test(file)
  return (allowed[from] ?? []).includes(to)
}

function partOf(file: string): string | undefined {
  const names = Object.keys(allowed).filter((part) => file.startsWith(part))
  return names.toSorted((one, other) => other.length - one.length)[0]
}

/** Files that a module imports by a relative path: static, on demand, and for types alone. */
function importsOf(file: string): string[] {
  const code = readTree(file).replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const found = code.matchAll(/(?:^|[\s}])(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/gm)
  return [...found].map(([, specifier = '']) => normalize(join(dirname(file), specifier)))
}
