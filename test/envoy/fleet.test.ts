import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createFront } from '../../deploy/local/front.ts'
import { envoyBinary, needsEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startFleetPlace } from '../support/fleet-place.ts'
import { openControlPlane } from '../support/local-control-plane.ts'
import { runProcess } from '../support/run-process.ts'

const anyPort = { port: 0, readyPort: 0, adminPort: 0 }

test('all calls of one connection are spread over three replicas', needsEnvoy, async () => {
  await using place = await startFleetPlace(3)
  const { summary } = await place.load(8)
  assert.equal(summary.lost, 0)
  assert.equal(Object.keys(summary.callsPerPod).length, 3)
  assert.ok(summary.maxOverMin <= 1.25, `calls per replica ${JSON.stringify(summary.callsPerPod)}`)
})

test('the same connection through a TCP proxy is stuck on one replica', needsEnvoy, async () => {
  await using place = await startFleetPlace(3)
  const { summary } = await place.load(1, place.tcpAddress)
  assert.equal(Object.keys(summary.callsPerPod).length, 1)
})

test(
  'a replica killed under load loses nothing but calls cut between headers and trailers, and is replaced',
  needsEnvoy,
  async () => {
    await using place = await startFleetPlace(3)
    const loading = place.load(5)
    await place.underLoad()
    const victim = place.fleet.replicas[1]
    assert.ok(victim)
    victim.kill('SIGKILL')
    await victim.exited
    await eventually(() => assert.deepEqual(place.crashes, ['replica-2 SIGKILL']))
    await eventually(() => assert.equal(place.fleet.replicas.length, 3))
    const { summary, firstDetailsByCode } = await loading
    assert.equal(summary.lost - summary.cut, 0, JSON.stringify(firstDetailsByCode))
    assert.notEqual(place.fleet.replicas.find(({ name }) => name === 'replica-2')?.pid, victim.pid)
  },
)

test('a replica that is added gets its full share within a second', needsEnvoy, async () => {
  await using place = await startFleetPlace(3)
  const loading = place.load(9)
  await place.underLoad()
  const added = await place.fleet.add()
  const readyAt = Date.now()
  const { summary, timeline } = await loading
  assert.equal(summary.lost, 0)
  // All calls from one second after it was ready: about 900, so that chance alone stays within a tenth of a share.
  const first = Math.ceil((readyAt + 1000 - timeline.startedAt) / timeline.bucketMs)
  const after = (calls: number[] = []): number => calls.slice(first).reduce((sum, count) => sum + count, 0)
  const all = Object.values(timeline.callsPerPod).reduce((sum, calls) => sum + after(calls), 0)
  assert.ok(after(timeline.callsPerPod[added.name]) >= 0.75 * (all / 4), JSON.stringify(timeline.callsPerPod))
})

test('replacing every replica one by one loses nothing', needsEnvoy, async () => {
  await using place = await startFleetPlace(3)
  const restarted = new AbortController()
  const loading = place.load(30, place.address, restarted.signal)
  await place.underLoad()
  await place.fleet.restart()
  restarted.abort()
  const { summary, firstDetailsByCode } = await loading
  assert.deepEqual(firstDetailsByCode, {})
  assert.equal(summary.lost, 0)
  assert.equal(place.fleet.replicas.length, 3)
  assert.ok(Object.keys(summary.callsPerPod).length >= 4, 'old and new replicas answered')
})

test('a free port that somebody takes before Envoy has it becomes another one', needsEnvoy, async () => {
  await using controlPlane = await openControlPlane()
  const options = { binary: envoyBinary(), ...anyPort, controlPlane, idempotent: true, onLine: () => {} }
  await using front = await createFront(options)
  const taken = front.address
  await using thief = createServer().listen(Number(taken.split(':')[1]), '127.0.0.1')
  await once(thief, 'listening')
  await front.open(0)
  assert.notEqual(front.address, taken)
})

test('a fleet whose owner is killed ends and leaves no files', needsEnvoy, async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'test-fleet-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(temporary, { recursive: true, force: true }))
  const anyPorts = ['--port=0', '--ready-port=0', '--admin-port=0', '--control-plane-port=0']
  await using owner = runProcess('bin/evenkeel.js', {
    args: ['up', '--no-table', '--replicas=1', '--workload=hold', ...anyPorts],
    env: { TMPDIR: temporary },
  })
  const address = /1 replica serves at (127\.0\.0\.1:\d+)/
  const front = await eventually(() => address.exec(owner.stderr)?.[1] ?? assert.fail(owner.stderr))
  const replica = /"grpc":"([^"]+)"/.exec(owner.stdout)?.[1] ?? assert.fail(owner.stdout)
  assert.ok((await readdir(temporary)).length > 0)
  owner.child.kill('SIGKILL')
  for (const gone of [front, replica]) await eventually(() => assert.rejects(connectTo(gone), { code: 'ECONNREFUSED' }))
  await eventually(async () => assert.deepEqual(await readdir(temporary), []))
})

async function connectTo(address: string): Promise<void> {
  const [host = '', port] = address.split(':')
  const socket = connect({ host, port: Number(port) })
  await once(socket, 'connect').finally(() => socket.destroy())
}
