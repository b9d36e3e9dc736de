import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { removeLeftBehind } from '../support/confined-container.ts'
import { testImage } from '../support/test-image.ts'

const run = promisify(execFile)
before(removeLeftBehind)
after(removeLeftBehind)

for (const name of ['primes', 'hold', 'control-plane', 'cli', 'envoy'] as const) {
  test(`the image of ${name} has a numeric user, and one program besides the loader of libraries`, async (t) => {
    const { tag, user, sizeBytes } = await testImage(name)
    t.diagnostic(`${name}: ${(sizeBytes / 1e6).toFixed(1)} MB`)
    assert.equal(user, '65532:65532')
    const files = await filesIn(tag)
    const programs = files.filter(({ mode, path }) => mode.includes('x') && !/\.so(\.\d+)*$/.test(path))
    assert.deepEqual(
      programs.map(({ path }) => path),
      [name === 'envoy' ? 'usr/local/bin/envoy' : 'usr/local/bin/node'],
    )
    assert.deepEqual(
      files.filter(({ mode }) => mode.includes('s')),
      [],
      'nothing lends the rights of its owner',
    )
  })
}

test('the image of a workload holds little beside Node', async () => {
  const { sizeBytes } = await testImage('primes')
  const files = await filesIn('evenkeel/primes:test')
  const node = files.find(({ path }) => path === 'usr/local/bin/node')
  assert.ok(node)
  assert.ok(sizeBytes - node.bytes < 10e6, `${sizeBytes - node.bytes} bytes beside Node`)
})

test('the licences of Evenkeel, of every package in the bundle, of Node and of its libraries are in the image', async () => {
  const { tag } = await testImage('primes')
  const files = await filesIn(tag)
  const sizes = new Map(files.map(({ path, bytes }) => [path, bytes]))
  for (const path of ['LICENSE', 'licenses/@grpc/grpc-js/LICENSE', 'licenses/zod/LICENSE']) {
    assert.ok(sizes.has(`app/${path}`), path)
  }
  assert.ok((sizes.get('usr/share/licenses/node/LICENSE') ?? 0) > 100_000, 'Node and all that is linked into it')
  for (const name of ['glibc', 'gcc']) {
    assert.ok(
      files.some(({ path }) => path.startsWith(`usr/share/licenses/${name}/`)),
      name,
    )
  }
})

test('the licences of Envoy, of its wheel and of its libraries are in the image', async () => {
  const { tag, base } = await testImage('envoy')
  const paths = new Set((await filesIn(tag)).map(({ path }) => path))
  const fromHere = base === 'local' ? ['licenses/wheel/LICENSE', 'usr/share/licenses/glibc/copyright'] : []
  for (const path of ['licenses/LICENSE', 'licenses/NOTICE', ...fromHere]) assert.ok(paths.has(path), path)
})

interface FileInImage {
  mode: string
  bytes: number
  path: string
}

/** The ordinary files of an image, as a container of it has them; what Docker mounts into every container is no file of the image. */
async function filesIn(image: string): Promise<FileInImage[]> {
  const { stdout: id } = await run('docker', ['create', image])
  try {
    const list = `docker export ${id.trim()} | tar --list --verbose`
    const { stdout } = await run('bash', ['-o', 'pipefail', '-c', list], { maxBuffer: 16e6 })
    return stdout.split('\n').flatMap((line) => {
      const [, mode, bytes, path] = /^(-\S+) \S+ +(\d+) \S+ \S+ (.+)$/.exec(line) ?? []
      return mode && path && !isMounted(path) ? [{ mode, bytes: Number(bytes), path }] : []
    })
  } finally {
    await run('docker', ['rm', id.trim()])
  }
}

function isMounted(path: string): boolean {
  return /^(\.dockerenv|dev\/|etc\/(hosts|hostname|resolv\.conf)$)/.test(path)
}
