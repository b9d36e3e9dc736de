import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import manifest from '../../package.json' with { type: 'json' }
import { needsEnvoy } from '../support/envoy.ts'
import { codeBlocks, section } from './markdown.ts'
import { readTree, root, treeFiles } from './tree.ts'

const run = promisify(execFile)
const page = codeBlocks(section(readTree('CONTRIBUTING.md'), '## Serve your own workload'))

/** The page's commands find this Node, take from npm's cache what is there, and do not disturb who listens on the usual ports. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_(package|lifecycle|config_local)|INIT_CWD)/.test(name)),
  ),
  PATH: [dirname(process.execPath), ...pathWithoutPackages()].join(delimiter),
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  EVENKEEL_PORT: '0',
  EVENKEEL_HEALTH_PORT: '0',
  EVENKEEL_METRICS_PORT: 'off',
  EVENKEEL_DRAIN_DELAY_MS: '0',
}

const workspace = await mkdtemp(join(tmpdir(), 'evenkeel-docs-'))
const folder = join(workspace, 'own')

before(async () => {
  await packInto(workspace)
  await mkdir(folder)
  const untilServed = page.findIndex(({ text }) => text.startsWith('node main.ts'))
  assert.ok(untilServed > 0)
  for (const { info, text } of page.slice(0, untilServed)) {
    const [, file] = info.split(' ')
    if (file === undefined) await shell(text)
    else await writeFile(join(folder, file), text)
  }
})

after(() => rm(workspace, { recursive: true, force: true }))

test('whoever follows "Serve your own workload" from an empty folder gets the answer that the page shows', async () => {
  await using service = await start(blockThat('node main.ts'), /"grpc":"([\d.:]+)"/)
  const answer = await shell(blockThat('npx buf curl').replace('127.0.0.1:50051', service.address))
  assert.deepEqual(JSON.parse(answer), JSON.parse(blockThat('{')))
})

test('a fleet of that workload stands behind Envoy, and `spread` says that all of it answers', needsEnvoy, async () => {
  const freePorts = ' --port 0 --ready-port 0 --admin-port 0 --control-plane-port 0 --no-table --workload'
  const up = blockThat('npx evenkeel up').replace('npx evenkeel', 'node node_modules/evenkeel/bin/evenkeel.js')
  await using fleet = await start(up.replace(' --workload', freePorts), /serve at ([\d.:]+)\./)
  const shown = await shell(blockThat('npx evenkeel spread').replace('spread', `spread --target ${fleet.address}`))
  assert.match(shown, /kept: pods that answered 3/)
})

test('the page names the Node that the package needs, and the versions that it is made with', () => {
  const versions: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies }
  const named = page.flatMap(({ text }) => [...text.matchAll(/(?<= )(@?[a-z][\w/-]+)@(\d[\w.]*)/g)])
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.map(([, name = '', version]) => [name, version]),
    named.map(([, name = '']) => [name, versions[name]]),
  )
  assert.ok(readTree('CONTRIBUTING.md').includes(`Node ${manifest.engines.node.replace('>=', '')} or later`))
  assert.ok(page.some(({ text }) => text.includes(`../evenkeel-${manifest.version}.tgz`)))
})

function blockThat(beginning: string): string {
  const found = page.find(({ text }) => text.startsWith(beginning))
  assert.ok(found, `the page has a block that begins with "${beginning}"`)
  return found.text.trim()
}

/** Something of the page that runs until it is disposed. */
interface Running extends AsyncDisposable {
  address: string
}

/** Runs a command that does not end; resolves when it has said where it serves. Rejects when it has not within a minute. */
async function start(command: string, addressIn: RegExp): Promise<Running> {
  const child = spawn('bash', ['-c', `exec ${command} 2>&1`], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  const tooLong = setTimeout(() => child.kill('SIGTERM'), 60_000)
  const said: string[] = []
  const address = new Promise<string>((found, failed) => {
    createInterface(child.stdout)
      .on('line', (line) => {
        said.push(line)
        const [, match] = addressIn.exec(line) ?? []
        if (match !== undefined) found(match)
      })
      .on('close', () => failed(new Error(`${command} ended without an address:\n${said.join('\n')}`)))
  })
  try {
    return { address: await address, [Symbol.asyncDispose]: stop }
  } finally {
    clearTimeout(tooLong)
  }
}

/** Runs lines of the page to the end, as a shell would. */
async function shell(commands: string, cwd = folder): Promise<string> {
  const { stdout } = await run('bash', ['-euc', commands], { cwd, env: environment, timeout: 120_000 })
  return stdout
}

/** Makes the package from a copy of the tree, so that nothing of this one is touched. */
async function packInto(target: string): Promise<void> {
  const copy = join(target, 'evenkeel')
  for (const file of treeFiles()) await cp(join(root, file), join(copy, file))
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await shell('npm pack --silent --pack-destination ..', copy)
}

/** PATH without the packages of this repository, which a reader of the page does not have. */
function pathWithoutPackages(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'))
}
