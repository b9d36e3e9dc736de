import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { startBackend } from '../support/backend.ts'
import { lost, openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

/** As every caller has it: what surely reached no server is sent again. */
const transparent = { 'grpc.enable_retries': 1 }
const config = { maxConnectionSeconds: 1 }

test('a connection that has lasted long enough is renewed, and no call of it is lost', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { delayMs: 5 })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], config })
  using caller = openCaller(envoy.target, transparent)
  const outcomes = await caller.callUntil(renewals(envoy, 4), 8)
  assert.ok(outcomes.length > 100)
  assert.deepEqual(lost(outcomes), [])
  await eventually(async () => assert.equal(await envoy.stat('http.grpc.downstream_cx_active'), 1))
})

test('a call that is longer than its connection may last is finished', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], config })
  using caller = openCaller(envoy.target, transparent)
  const held = caller.callAtOnce(5)
  await eventually(() => assert.equal(backend.inFlight, 5))
  await renewals(envoy, 1)
  // The connection is told twice, before and after the drain time of 5 s.
  const later = await caller.callUntil(delay(6000), 1, { path: '/grpc.health.v1.Health/Check', body: Buffer.alloc(0) })
  assert.equal(backend.inFlight, 5)
  backend.release()
  assert.deepEqual(lost([...later, ...(await held)]), [])
})

test(
  'callers that all met one Envoy are dealt out once there is another, and no call is lost',
  needsEnvoy,
  async () => {
    await using backend = await startBackend('backend', { delayMs: 5 })
    const endpoints = [backend.endpoint]
    await using first = await startTestEnvoy({ endpoints, config })
    await using second = await startTestEnvoy({ endpoints, config })
    await using service = await startService(first)
    await using callers = openCallers(service.address, 6)
    const done = Promise.withResolvers<void>()
    const load = callers.all.map((caller) => caller.callUntil(done.promise, 1))
    await eventually(async () => assert.equal(await first.stat('http.grpc.downstream_cx_active'), 6))
    service.leadTo(first, second)
    await eventually(async () => {
      for (const envoy of [first, second]) assert.ok((await envoy.stat('http.grpc.downstream_cx_active')) >= 2)
    })
    done.resolve()
    assert.deepEqual(lost((await Promise.all(load)).flat()), [])
  },
)

test('by default a connection lasts, within such a time', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { delayMs: 5 })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  using caller = openCaller(envoy.target, transparent)
  assert.deepEqual(lost(await caller.callUntil(delay(3000), 4)), [])
  assert.equal(await envoy.stat('http.grpc.downstream_cx_total'), 1)
})

/** That so many connections have lasted as long as they may. */
async function renewals(envoy: TestEnvoy, count: number): Promise<void> {
  await eventually(async () => assert.ok((await envoy.stat('http.grpc.downstream_cx_max_duration_reached')) >= count), {
    withinMs: 30_000,
  })
}

function openCallers(target: string, count: number) {
  const all = Array.from({ length: count }, () => openCaller(target, transparent))
  return { all, [Symbol.asyncDispose]: async () => all.forEach((caller) => caller[Symbol.dispose]()) }
}

/** An address that leads each new connection to the next of some Envoys, as a Service does. */
async function startService(...envoys: TestEnvoy[]) {
  let led = envoys
  let count = 0
  const server = createServer((socket) => {
    const [host = '', port] = (led[count++ % led.length]?.target ?? '').split(':')
    const onward = connect({ host, port: Number(port) })
    socket.pipe(onward).pipe(socket)
    for (const [end, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      end.on('error', () => {}).once('close', () => other.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    leadTo: (...next: TestEnvoy[]) => {
      led = next
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
