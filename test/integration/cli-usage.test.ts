import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { bin, runCli } from '../support/run-cli.ts'
import { runCommand } from '../support/run-command.ts'

const manifestPath = resolve(import.meta.dirname, '../../package.json')
const throwing = resolve(import.meta.dirname, '../support/throwing-main.ts')

test('help names every subcommand and is no error', async () => {
  const { code, stdout } = await runCli('--help')
  assert.equal(code, 0)
  for (const name of ['check', 'factorize', 'list', 'health', 'spread', 'drain-envoy'])
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
})

for (const [name, ...expected] of [
  [
    'serve',
    /^Usage: evenkeel serve \[options\] \[settings\.\.\.\]/,
    /^ {2}--workload <name> /m,
    /^ {2}--access-log .*\(off, errors, all\)/m,
  ],
  [
    'control-plane',
    /^Usage: evenkeel control-plane \[command\]/,
    /^ {2}status /m,
    /^ {2}--zones .*\(ignore, prefer\)/m,
  ],
] as const) {
  for (const flag of ['--help', '-h']) {
    test(`evenkeel ${name} ${flag} shows how it is used, and its settings with their choices`, async () => {
      const { code, stdout, stderr } = await runCli(name, flag)
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      for (const each of expected) assert.match(stdout, each)
    })
  }
}

test('the version is that of the package', async () => {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'))
  assert.deepEqual(await runCli('--version'), { code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

test('a command without a subcommand shows the help and is wrong usage', async () => {
  const { code, stdout, stderr } = await runCli()
  assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  assert.match(stderr, /^Usage: evenkeel/)
})

const wrongUsage: [string[], RegExp][] = [
  [['chek', '25'], /unknown command 'chek' \(Did you mean check\?\)/],
  [['check'], /missing required argument 'numbers'/],
  [['check', '25', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
  [['check', '25', '--deadline-ms', 'soon'], /'--deadline-ms <ms>' argument 'soon' is invalid.*from 1 to 86400000/],
  [['check', '25', '--target', 'localhost'], /argument 'localhost' is invalid.*HOST:PORT/],
  [['list', '1'], /missing required argument 'to'/],
  [['list', '-1', '5'], /'-1' is invalid.*from 0 to 2\^64 - 1/],
  [['list', '1', '1e9'], /'1e9' is invalid.*from 0 to 2\^64 - 1/],
  [['spread', '--for', '30'], /argument '30' is invalid.*such as 30s/],
  [['spread', '--rate', '0'], /argument '0' is invalid.*from 0.001/],
  [['spread', '--max-spread', '0.9'], /argument '0.9' is invalid.*from 1/],
  [['spread', '--retries', 'always'], /argument 'always' is invalid.*off, transparent, policy/],
  [
    ['spread', '--balance', 'random'],
    /argument 'random' is invalid.*pick_first, round_robin, least_request_two_choices/,
  ],
  [['check', '25', '--target', 'xds:///evenkeel'], /^error: no control plane is named.*--xds-server gives one/],
  [['check', '25', '--xds-server', 'localhost'], /argument 'localhost' is invalid.*HOST:PORT/],
  [['spread', '--identify-by', 'pod'], /argument 'pod' is invalid.*trailer:NAME or header:NAME/],
  [['spread', '--job', 'mix', '--mix', 'x.json'], /'--mix <file>' cannot be used with option '--job <name>'/],
  [['spread', '--call', 'a.B/C', '--job', 'tiny'], /'--call <method>' cannot be used with option '--job <name>'/],
  [['spread', '--call', 'nonsense'], /--call nonsense: must be package.Service\/Method/],
  [['drain-envoy', '--admin', '9901'], /argument '9901' is invalid. It must be HOST:PORT/],
  [['spread', '--timeline'], /--timeline: is a part of --json; give both/],
  [['spread', '--mix', '/none.json'], /--mix \/none.json: ENOENT/],
  [['spread', '--service', 'primes', '--job', '7ms'], /"7ms": no such job of PrimesService/],
  [['serve', '--workload', './nope.ts'], /argument '.\/nope.ts' is invalid. There is no file \/nope.ts/],
  [['up', '--workload', './nope.ts'], /argument '.\/nope.ts' is invalid. There is no file \/nope.ts/],
  [['serve', '--workload', throwing], /throwing-main.ts cannot be loaded: Error: no licence; `node .*` shows where/],
  ...['app.example', 'https://app.example/', 'https://App.example', 'https://app.example:443', 'https://*.example'].map(
    (origin): [string[], RegExp] => [['up', '--allowed-origin', origin], /is invalid. It must be scheme:\/\/host/],
  ),
  [['serve', '--bad-setting'], /--bad-setting: no such option/],
  [['up', '--front=none', '--workload', throwing], /replica-1 ended .* before it served: Error: no licence/],
  [['up', '--front=none', '--', '--bad-setting'], /replica-1 ended .* before it served: --bad-setting: no such option/],
]
for (const [args, message] of wrongUsage) {
  test(`evenkeel ${args.join(' ')} is wrong usage, told in one line`, async () => {
    const { code, stdout, stderr } = await runCli(...args)
    assert.deepEqual({ code, stdout, lines: stderr.split('\n').length }, { code: 2, stdout: '', lines: 2 })
    assert.match(stderr, message)
  })
}

test('output that cannot be written is a failure, told in one line', async () => {
  // A descriptor that is open for reading only fails like a full disk, on every system.
  await using readOnly = await open(manifestPath, 'r')
  const child = spawn(process.execPath, [bin, '--version'], { stdio: ['ignore', readOnly.fd, 'pipe'] })
  assert.ok(child.stderr)
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(child.exitCode, 1)
  assert.match(stderr, /^error: standard output: .*\n$/)
})

test('a Node that is too old is told what is needed, in one line', async () => {
  const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })"
  const { exitCode, stderr } = await runCommand(process.execPath, [
    '--import',
    `data:text/javascript,${old}`,
    bin,
    'up',
  ])
  const needed = JSON.parse(readFileSync(manifestPath, 'utf8')).engines.node.replace('>=', '')
  assert.deepEqual(
    { exitCode, stderr },
    { exitCode: 2, stderr: `error: evenkeel needs Node ${needed} or later; this is Node 20.1.0\n` },
  )
})
