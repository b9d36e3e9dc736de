import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { promisify } from 'node:util'
import manifest from '../../package.json' with { type: 'json' }
import { codeBlocks, section } from './markdown.ts'
import { readTree, root, treeFiles } from './tree.ts'

const run = promisify(execFile)
const page = codeBlocks(section(readTree('CONTRIBUTING.md'), '## Serve your own workload'))

/** Nothing of the npm that runs the tests; the page's commands find this Node, and take what npm has from its cache. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(package|lifecycle|config_local)|INIT_CWD)/.test(name)),
  ),
  PATH: [dirname(process.execPath), ...pathWithoutModules()].join(delimiter),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  EVENKEEL_PORT: '0',
  EVENKEEL_HEALTH_PORT: '0',
  EVENKEEL_METRICS_PORT: 'off',
  EVENKEEL_DRAIN_DELAY_MS: '0',
}

test('whoever follows "Serve your own workload" from an empty folder gets the answer that the page shows', async () => {
  await using workspace = await makeWorkspace()
  await packInto(workspace.path)
  const folder = join(workspace.path, 'own')
  await mkdir(folder)
  let replica: Replica | undefined
  const answers: string[] = []
  try {
    for (const { info, text } of page) {
      const [language, file] = info.split(' ')
      if (file !== undefined) await writeFile(join(folder, file), text)
      else if (text.startsWith('node main.ts')) replica = await startReplica(text, folder)
      else if (language === 'sh')
        answers.push(await shell(replica ? text.replace('127.0.0.1:50051', replica.address) : text, folder))
    }
    const shown = page.filter(({ info }) => info === 'json').map(({ text }) => text)
    assert.deepEqual(JSON.parse(answers.at(-1) ?? ''), JSON.parse(shown.at(-1) ?? ''))
  } finally {
    await replica?.stop()
  }
  assert.equal(await replica?.exitCode, 0)
})

test('the page installs the versions that the package is made with', () => {
  const versions: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }
  const named = page.flatMap(({ text }) => [...text.matchAll(/(?<= )(@?[a-z][\w/-]+)@(\d[\w.]*)/g)])
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.map(([, name = '', version]) => [name, version]),
    named.map(([, name = '']) => [name, versions[name]]),
  )
  assert.ok(page.some(({ text }) => text.includes(`../evenkeel-${manifest.version}.tgz`)))
})

interface Replica {
  address: string
  exitCode: Promise<number | null>
  stop(): Promise<void>
}

/** Runs a command of the page that does not end; resolves once it serves. */
async function startReplica(command: string, cwd: string): Promise<Replica> {
  const child = spawn('bash', ['-c', `exec ${command}`], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exitCode = once(child, 'exit').then(([code]) => code as number | null)
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exitCode
  }
  for await (const line of createInterface(child.stdout)) {
    const { msg, addresses } = JSON.parse(line) as { msg: string; addresses?: { grpc: string } }
    if (msg !== 'serving' || addresses === undefined) continue
    // What it says later would fill the pipe.
    child.stdout.resume()
    return { address: addresses.grpc, exitCode, stop }
  }
  throw new Error(`${command} ended before it served`)
}

/** Runs lines of the page as a shell would, to the end. */
async function shell(commands: string, cwd: string): Promise<string> {
  const { stdout } = await run('bash', ['-euc', commands], { cwd, env: environment, timeout: 120_000 })
  return stdout
}

/** Makes the package from a copy of the tree, so that nothing of this tree is touched. */
async function packInto(folder: string): Promise<void> {
  const copy = join(folder, 'evenkeel')
  for (const file of treeFiles()) await cp(join(root, file), join(copy, file))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await shell(`npm pack --silent --pack-destination ..`, copy)
}

async function makeWorkspace(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'evenkeel-docs-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** PATH without the packages of this repository, which a reader of the page does not have. */
function pathWithoutModules(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'))
}
