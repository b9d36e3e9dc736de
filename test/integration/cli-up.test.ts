import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { runCli } from '../support/run-cli.ts'

const root = resolve(import.meta.dirname, '../..')
const startBound = { withinMs: 30_000 }
const small = ['--front=none', '--no-table', '--replicas=1', '--workload=hold', '--workers=1']

for (const command of [
  ['npm', 'start', '--ignore-scripts', '--'],
  ['npx', 'evenkeel', 'up'],
] as const) {
  test(`SIGTERM to the process of \`${command[0]} ${command[1]}\` ends the fleet`, { timeout: 60_000 }, async () => {
    await using fleet = startFleetBy([...command, ...small])
    const address = await fleet.address()
    fleet.child.kill('SIGTERM')
    await eventually(() => assert.rejects(connectTo(address), { code: 'ECONNREFUSED' }))
  })
}

test('every port that is taken is told with its flag, before anything is started', async () => {
  const listeners = Array.from({ length: 2 }, () => createServer().listen(0, '127.0.0.1'))
  try {
    await Promise.all(listeners.map((listener) => once(listener, 'listening')))
    const [port, adminPort] = listeners.map((listener) => (listener.address() as AddressInfo).port)
    const args = [
      'up',
      '--workload=hold',
      `--port=${port}`,
      '--ready-port=0',
      `--admin-port=${adminPort}`,
      '--control-plane-port=0',
    ]
    assert.deepEqual(await runCli(...args), {
      code: 1,
      stdout: '',
      stderr: `error: port ${port} is taken (--port), port ${adminPort} is taken (--admin-port); give other ports by these flags, 0 takes any free one\n`,
    })
  } finally {
    await Promise.all(listeners.map((listener) => once(listener.close(), 'close')))
  }
})

/** A fleet by a command line, typed in the root of the repository. Disposing ends whatever of it still runs. */
function startFleetBy([file = '', ...args]: readonly string[]) {
  // A process group of its own: what outlives the command is ended with it, and replicas end with their owner.
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const closed = once(child, 'close')
  const address = () =>
    eventually(() => /serves at (?:ipv4:)?(\S+:\d+)/.exec(stderr)?.[1] ?? assert.fail(stderr), startBound)
  const dispose = async () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // All of it is gone.
    }
    await closed
  }
  return { child, address, [Symbol.asyncDispose]: dispose }
}

async function connectTo(address: string): Promise<void> {
  const [host = '', port] = address.split(':')
  const socket = connect({ host, port: Number(port) })
  await once(socket, 'connect').finally(() => socket.destroy())
}
