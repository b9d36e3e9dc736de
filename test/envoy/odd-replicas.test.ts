import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { forkBackend, startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

test(
  'a replica that is stopped under load costs no call, and gets calls again once it goes on',
  needsEnvoy,
  async () => {
    await using stopped = await forkBackend('stopped', { delayMs: 20 })
    await using other = await startBackend('other', { delayMs: 20 })
    await using envoy = await startTestEnvoy({ endpoints: [stopped.endpoint, other.endpoint] })
    using caller = openCaller(envoy.target)
    const stopAndGoOn = async () => {
      await eventually(() => assert.ok(stopped.inFlight > 0))
      await stopped.signal('SIGSTOP')
      await eventually(async () => assert.equal(await envoy.stat('cluster.replicas.membership_healthy'), 1))
      const later = other.attempts + 100
      await eventually(() => assert.ok(other.attempts > later))
      await stopped.signal('SIGCONT')
      await eventually(async () => assert.equal(await envoy.stat('cluster.replicas.membership_healthy'), 2))
    }
    assert.deepEqual(lost(await caller.callUntil(stopAndGoOn(), 10)), [])
    assert.ok((callsPerPod(await caller.callAtOnce(40))['stopped'] ?? 0) > 0)
  },
)

test('a replica that answers slowly gets as many calls fewer as it is slower', needsEnvoy, async () => {
  await using slow = await startBackend('slow', { hold: true })
  await using quick = await startBackend('quick')
  await using envoy = await startTestEnvoy({ endpoints: [slow.endpoint, quick.endpoint] })
  using caller = openCaller(envoy.target)
  // It answers one call while the other one answers 20.
  const turns = async () => {
    for (let turn = 1; turn <= 10; turn += 1) {
      await eventually(() => assert.ok(slow.inFlight > 0 && quick.attempts >= 20 * turn))
      slow.release()
    }
    slow.behave({})
    slow.release()
  }
  const outcomes = await caller.callUntil(turns(), 4)
  const { slow: few = 0, quick: many = 0 } = callsPerPod(outcomes)
  assert.deepEqual(lost(outcomes), [])
  // At most all four are at the slow one, whenever it answers.
  assert.ok(few > 0 && few <= 4 * 11 + 4 && many >= 200, `${few} and ${many} calls`)
  assert.equal(await ejections(envoy), 0)
})

for (const code of [status.UNKNOWN, status.INTERNAL]) {
  test(`${status[code]} of a replica is passed on, tried once, and ejects nobody`, needsEnvoy, async () => {
    await using failing = await startBackend('failing', { status: code })
    await using well = await startBackend('well')
    await using envoy = await startTestEnvoy({ endpoints: [failing.endpoint, well.endpoint] })
    using caller = openCaller(envoy.target)
    const outcomes = await caller.callInTurn(60)
    const failed = outcomes.filter((outcome) => outcome.code !== status.OK)
    assert.deepEqual(new Set(failed.map(({ details }) => details)), new Set(['failing was told so']))
    assert.deepEqual([failed.length, outcomes.length - failed.length], [failing.attempts, well.attempts])
    assert.ok(failing.attempts > 0 && well.attempts > 0)
    assert.equal(await ejections(envoy), 0)
  })
}

const garbage = {
  'does not speak HTTP/2': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
  // SETTINGS, then DATA of stream 0, which RFC 9113 section 6.1 forbids.
  'sends frames that are forbidden': Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 120]),
  'closes each connection at its first byte': '',
}

for (const [what, bytes] of Object.entries(garbage)) {
  test(`a replica that ${what} costs no call`, needsEnvoy, async () => {
    await using odd = await startGarbage(bytes)
    await using well = await startBackend('well', { delayMs: 5 })
    await using envoy = await startTestEnvoy({ endpoints: [odd.endpoint, well.endpoint] })
    using caller = openCaller(envoy.target)
    const found = eventually(async () => {
      assert.equal(await envoy.stat('cluster.replicas.membership_healthy'), 1)
      assert.ok(well.attempts > 200)
    })
    assert.deepEqual(lost(await caller.callUntil(found, 10)), [])
    assert.ok(odd.connections > 0)
  })
}

/** Something that listens where a replica is expected, and answers the first bytes of each connection with others. */
async function startGarbage(
  answer: string | Buffer,
): Promise<AsyncDisposable & { endpoint: Endpoint; readonly connections: number }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => (answer.length > 0 ? socket.write(answer) : socket.destroy()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    endpoint: { address: '127.0.0.1', port },
    get connections() {
      return sockets.size
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}

function ejections(envoy: TestEnvoy): Promise<number> {
  return envoy.stat('cluster.replicas.outlier_detection.ejections_enforced_total')
}
