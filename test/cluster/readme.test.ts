import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { codeBlocks } from '../docs/markdown.ts'
import { imageValue } from './support/images.ts'
import { createNamespace } from './support/namespace.ts'
import { programEnvironment, runProgram } from './support/programs.ts'
import { imageValues } from './support/values.ts'

const root = resolve(import.meta.dirname, '../..')

test('what README says of Kubernetes works as it is typed, but for where the images are', async () => {
  await using namespace = await createNamespace('evenkeel-readme')
  await using folder = await temporaryPlace(namespace.kubectl.namespace)
  const blocks = codeBlocks(await readFile(resolve(root, 'README.md'), 'utf8')).map((block) => block.text.trim())
  const [install = '', ...others] = blocks.find((block) => block.startsWith('helm install'))?.split('\n') ?? []
  assert.equal(others.length, 4)
  const [helmTest = ''] = others.slice(-1)
  assert.match(helmTest, /^helm test /)
  // Of a hundred fair dice one is as uneven as none of the others.
  const typed = [...others.slice(0, -1), `${helmTest} || ${helmTest}`]
  // As the chart's README says it: kubectl owns the number of pods as well by then.
  const upgrade = `helm upgrade evenkeel helm/evenkeel --values ${folder.values} --set service.replicas=6`
  const printed = await runShell([`${install} --values ${folder.values}`, ...typed, upgrade], folder.kubeconfig)
  assert.match(printed, /^STATUS: deployed$/m)
  assert.match(printed, /^deployment\.apps\/evenkeel scaled$/m)
  assert.match(printed, /^kept: pods that answered 6, at least 6$/m)
  assert.match(printed, /^Phase: +Succeeded$/m)
  assert.match(printed, /^REVISION: 2$/m)
})

/** A kubeconfig whose default namespace is the given one, and a file with images. */
async function temporaryPlace(namespace: string): Promise<AsyncDisposable & { kubeconfig: string; values: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-readme-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, await runProgram('kubectl', ['config', 'view', '--raw', '--flatten']), { mode: 0o600 })
  await runProgram('kubectl', [
    '--kubeconfig',
    kubeconfig,
    'config',
    'set-context',
    '--current',
    '--namespace',
    namespace,
  ])
  const values = join(folder, 'images.json')
  await writeFile(values, JSON.stringify({ ...imageValues(), service: { image: imageValue('primes') } }))
  return { kubeconfig, values, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

/** Runs lines as somebody types them; what they leave in the background ends with them. Rejects when one fails. */
async function runShell(lines: readonly string[], kubeconfig: string): Promise<string> {
  const script = ['set -e', "trap 'kill $(jobs -p)' EXIT", ...lines].join('\n')
  const path = `${join(root, 'node_modules/.bin')}:${programEnvironment()['PATH']}`
  const env = { ...process.env, PATH: path, KUBECONFIG: kubeconfig }
  const shell = spawn('bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })
  const [printed, complained] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'close')])
  assert.equal(shell.exitCode, 0, `${printed}\n${complained}`)
  return printed
}
