import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

test('a replica that leaves the file gets no more calls and finishes those that it has', needsEnvoy, async () => {
  await using leaving = await startBackend('leaving', { hold: true })
  await using staying = await startBackend('staying', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [leaving.endpoint, staying.endpoint] })
  using caller = openCaller(envoy.target)
  const held = caller.callAtOnce(10)
  await eventually(() => assert.equal(leaving.inFlight + staying.inFlight, 10))
  for (const backend of [leaving, staying]) backend.behave({})
  await update(envoy, [staying.endpoint])
  assert.deepEqual(callsPerPod(await caller.callInTurn(50)), { staying: 50 })
  for (const backend of [leaving, staying]) backend.release()
  assert.deepEqual(lost(await held), [])
})

test(
  'a replica that leaves would stay as long as it is healthy if its health were not ignored',
  needsEnvoy,
  async () => {
    await using leaving = await startBackend('leaving')
    await using staying = await startBackend('staying')
    const keep: Change = { in: 'cluster', at: 'ignore_health_on_host_removal', to: false }
    await using envoy = await startTestEnvoy({ endpoints: [leaving.endpoint, staying.endpoint], changes: [keep] })
    using caller = openCaller(envoy.target)
    await update(envoy, [staying.endpoint])
    assert.ok((callsPerPod(await caller.callInTurn(50))['leaving'] ?? 0) > 0)
  },
)

test('a replica that enters the file gets its share at once', needsEnvoy, async () => {
  await using first = await startBackend('first')
  await using second = await startBackend('second')
  await using envoy = await startTestEnvoy({ endpoints: [first.endpoint] })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(1)
  await envoy.setEndpoints([first.endpoint, second.endpoint])
  await eventually(async () => assert.equal((await envoy.hosts()).filter(({ healthy }) => healthy).length, 2))
  for (const backend of [first, second]) backend.behave({ hold: true })
  const held = [caller.call()]
  await eventually(() => assert.equal(first.inFlight + second.inFlight, 1))
  held.push(caller.call())
  await eventually(() => assert.deepEqual([first.inFlight, second.inFlight], [1, 1]))
  while (held.length < 40) held.push(caller.call())
  await eventually(() => assert.deepEqual([first.inFlight, second.inFlight], [20, 20]))
  for (const backend of [first, second]) backend.release()
  assert.deepEqual(lost(await Promise.all(held)), [])
})

test('a replica that is told before it serves gets no calls until it passes a health check', needsEnvoy, async () => {
  assert.deepEqual(await lostBesideSilentServers(1, []), [])
})

test('without health checks such a replica gets calls', needsEnvoy, async () => {
  const none: Change = { in: 'cluster', at: 'health_checks', to: [] }
  assert.ok((await lostBesideSilentServers(1, [none])).length > 0)
})

test('a hundred new replicas at once that do not serve yet get no calls', needsEnvoy, async () => {
  assert.deepEqual(await lostBesideSilentServers(120, []), [])
})

test('if new replicas were counted before their first check, there would be panic', needsEnvoy, async () => {
  const counted: Change = { in: 'cluster', at: 'common_lb_config/ignore_new_hosts_until_first_hc', to: false }
  assert.ok((await lostBesideSilentServers(120, [counted])).length > 0)
})

test('when the last replica is unhealthy it still gets the calls', needsEnvoy, async () => {
  assert.deepEqual(await lostAtUnhealthyReplica([]), [])
})

test('with a panic threshold of 0 the calls of the last unhealthy replica are lost', needsEnvoy, async () => {
  const never: Change = { in: 'cluster', at: 'common_lb_config/healthy_panic_threshold/value', to: 0 }
  assert.deepEqual(await lostAtUnhealthyReplica([never]), Array(5).fill('14 no healthy upstream'))
})

/** Calls lost of 30 when servers that do not answer enter beside one that does. */
async function lostBesideSilentServers(count: number, changes: Change[]): Promise<string[]> {
  await using first = await startBackend('first')
  await using silent = await startSilentServer()
  await using envoy = await startTestEnvoy({ endpoints: [first.endpoint], changes })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(1)
  // All of 127.0.0.0/8 is this machine: one server stands for many.
  const many = Array.from({ length: count }, (_, index) => ({ address: `127.0.1.${index + 1}`, port: silent.port }))
  await update(envoy, [first.endpoint, ...many])
  return lost(await caller.callAtOnce(30, { deadlineMs: 400 }))
}

/** Calls lost of 5 when all replicas there are say NOT_SERVING. */
async function lostAtUnhealthyReplica(changes: Change[]): Promise<string[]> {
  await using last = await startBackend('last')
  await using envoy = await startTestEnvoy({ endpoints: [last.endpoint], changes })
  using caller = openCaller(envoy.target)
  last.setHealth('NOT_SERVING')
  await eventually(async () => assert.equal((await envoy.hosts())[0]?.healthy, false))
  return lost(await caller.callInTurn(5))
}

/** Writes the endpoints and waits until Envoy has taken them. */
async function update(envoy: TestEnvoy, endpoints: Endpoint[]): Promise<void> {
  const before = await envoy.stat('cluster.replicas.update_success')
  await envoy.setEndpoints(endpoints)
  await eventually(async () => assert.ok((await envoy.stat('cluster.replicas.update_success')) > before))
}

/** Accepts connections and says nothing: a process that has not come as far as serving. */
async function startSilentServer(): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket)).listen(0)
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}
