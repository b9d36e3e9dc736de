import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { reflect } from '../../cli/spread/reflect.ts'
import { bundle } from '../../deploy/bundle.ts'
import { startReplica } from '../../deploy/local/replica.ts'
import { roles } from '../../deploy/roles.ts'
import { holdClient, holdFor } from '../support/hold.ts'

test('a bundle in a folder without packages serves calls on worker threads, and reflection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-bundle-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true }))
  await bundle(roles.hold, folder)
  const files = await readdir(folder)
  for (const name of ['main.mjs', 'thread.mjs', 'tasks.mjs', 'hold.binpb']) assert.ok(files.includes(name), name)

  const replica = await startReplica({
    name: 'bundled',
    command: [process.execPath, join(folder, 'main.mjs')],
    settings: ['--workers=1', '--metrics-port=0', '--reflection', '--drain-delay-ms=0'],
    environment: process.env,
    onLine: () => {},
  })
  stack.defer(async () => {
    replica.kill('SIGKILL')
    await replica.exited
  })
  const address = `${replica.endpoint.address}:${replica.endpoint.port}`
  using client = holdClient(address)
  const { trailers } = await holdFor(client, 1)
  assert.deepEqual(trailers.get('evenkeel-worker'), ['0'])
  assert.ok((await reflect({ target: address }, 'evenkeel.hold.v1.HoldService')).length > 0)
})
