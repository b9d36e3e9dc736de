import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { startReplica } from '../../deploy/local/replica.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'

const root = resolve(import.meta.dirname, '../..')
/** The young objects of all calls of a test fit in, so that none is collected, or taken for old, meanwhile. */
const youngMb = 64
const calls = 600
/** Of each call a stream of Node's HTTP/2 is left, 2.5 to 3.6 KB; with all that hung on it 10 KB were. */
const mostBytes = 5000

/** A replica of one worker that tells how many bytes a collection of young objects leaves of what is garbage. */
async function startTelling(...settings: string[]) {
  const kept: number[] = []
  const flags = ['--expose-gc', `--min-semi-space-size=${youngMb}`, `--max-semi-space-size=${youngMb}`]
  const preload = resolve(root, 'test/support/tells-kept-bytes.ts')
  const replica = await startReplica({
    name: 'test-pod',
    command: [process.execPath, ...flags, '--import', preload, resolve(root, 'examples/hold/main.ts')],
    settings: ['--workers=1', '--metrics-port=off', '--drain-delay-ms=0', '--access-log=off', ...settings],
    environment: process.env,
    onLine: (line) => {
      const { keptBytes } = JSON.parse(line) as { keptBytes?: number }
      if (keptBytes !== undefined) kept.push(keptBytes)
    },
  })
  const keptBytes = async (): Promise<number> => {
    const told = kept.length
    process.kill(replica.pid, 'SIGUSR2')
    return eventually(() => {
      assert.ok(kept.length > told)
      return kept.at(-1) as number
    })
  }
  return {
    address: `${replica.endpoint.address}:${replica.endpoint.port}`,
    keptBytes,
    [Symbol.asyncDispose]: async () => {
      replica.kill('SIGKILL')
      await replica.exited
    },
  }
}

test('a call that is over is garbage that is collected with the young objects, whether it was answered or refused', async () => {
  await using replica = await startTelling('--queue-limit=0', '--delay-target-ms=0')
  using client = holdClient(replica.address)
  const call = async (expected: status): Promise<void> => {
    for (let sent = 0; sent < calls; sent += 1) assert.equal((await holdFor(client, 0)).code, expected)
  }
  await call(status.OK)
  await replica.keptBytes()
  await call(status.OK)
  const answered = (await replica.keptBytes()) / calls
  assert.ok(answered < mostBytes, `${answered} bytes are left of each answered call`)
  const gone = new AbortController()
  const held = holdFor(client, 30_000, { signal: gone.signal })
  await eventually(async () => assert.equal((await holdFor(client, 0)).code, status.RESOURCE_EXHAUSTED))
  await call(status.RESOURCE_EXHAUSTED)
  await replica.keptBytes()
  await call(status.RESOURCE_EXHAUSTED)
  const refused = (await replica.keptBytes()) / calls
  assert.ok(refused < mostBytes, `${refused} bytes are left of each refused call`)
  gone.abort()
  await held
})
