import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type ChannelSettings, channelOptions } from '../../client/channel.ts'
import { hold } from '../../examples/hold/workload.ts'
import { type Backend, echoPath, startBackend } from '../support/backend.ts'
import { type Caller, openCaller, type Outcome } from '../support/caller.ts'
import { type Change, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { type Link, needsNetwork, startNetwork } from '../support/network.ts'
import { startService } from '../support/service.ts'

/** A link that leads callers to an Envoy with one replica. */
interface Scene extends AsyncDisposable {
  link: Link
  backend: Backend
  open: (settings: ChannelSettings, retries: 0 | 1) => Caller
}

async function setScene(end?: 'FIN' | 'RST'): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const network = stack.use(await startNetwork())
  const backend = stack.use(await startBackend('a', { hold: true }))
  const envoy = stack.use(await startTestEnvoy({ endpoints: [backend.endpoint] }))
  const [address = '', port] = envoy.target.split(':')
  const link = await network.linkTo({ address, port: Number(port) }, end)
  const parts = stack.move()
  const open = (settings: ChannelSettings, retries: 0 | 1): Caller =>
    parts.use(openCaller(link.target, { ...channelOptions(link.target, settings), 'grpc.enable_retries': retries }))
  return { link, backend, open, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

/** How many calls ended how. */
function endsOf(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { code, details } of outcomes) {
    const end = `${status[code]} ${details}`
    counts[end] = (counts[end] ?? 0) + 1
  }
  return counts
}

const idempotent = [echoPath.slice(1)]
const ways: Record<string, { settings: ChannelSettings; retries: 0 | 1; repeats: boolean }> = {
  'without retries': { settings: {}, retries: 0, repeats: false },
  'with transparent retries': { settings: {}, retries: 1, repeats: false },
  'that repeats': { settings: { idempotent }, retries: 1, repeats: true },
}
interface Fault {
  end: 'FIN' | 'RST'
  fail: (link: Link) => Promise<void>
  loss: string
}
const faults: Record<string, Fault> = {
  'is reset': { end: 'RST', fail: (link) => link.disconnect(), loss: 'UNAVAILABLE read ECONNRESET' },
  'is cut': { end: 'FIN', fail: (link) => link.cut(), loss: 'UNAVAILABLE Connection dropped' },
}
for (const [fault, { end, fail, loss }] of Object.entries(faults)) {
  for (const [way, { settings, retries, repeats }] of Object.entries(ways)) {
    const whatIsLost = repeats ? 'none of its calls' : 'all calls that it has'
    test(
      `a caller ${way} whose link ${fault} loses ${whatIsLost}, and replicas are free of them`,
      needsNetwork,
      async () => {
        await using scene = await setScene(end)
        const { backend, link } = scene
        const calls = scene.open(settings, retries).callAtOnce(20)
        await eventually(() => assert.equal(backend.inFlight, 20))
        backend.behave({})
        await fail(link)
        // Nobody has released them.
        await eventually(() => assert.equal(backend.inFlight, 0))
        await link.heal()
        assert.deepEqual(endsOf(await calls), { [repeats ? 'OK OK' : loss]: 20 })
        assert.equal(backend.attempts, repeats ? 40 : 20)
      },
    )
  }
}

test(
  'a caller that asks whether its peer is there makes its calls again when its link stalled',
  needsNetwork,
  async () => {
    await using scene = await setScene()
    const calls = scene.open({ idempotent, keepaliveMs: 100 }, 1).callAtOnce(20)
    await eventually(() => assert.equal(scene.backend.inFlight, 20))
    await scene.link.stall()
    // The connection that the caller gave up ends, and Envoy ends its calls.
    await eventually(() => assert.equal(scene.backend.inFlight, 0))
    scene.backend.behave({})
    await scene.link.heal()
    assert.deepEqual(endsOf(await calls), { 'OK OK': 20 })
  },
)

const keepalive = (intervalAndTimeout: string): Change => ({
  in: 'connectionManager',
  at: 'http2_protocol_options/connection_keepalive',
  to: { interval: intervalAndTimeout, timeout: intervalAndTimeout },
})
const vanishings: Record<string, { fail: (link: Link) => Promise<void>; timeoutMs: number; changes?: Change[] }> = {
  'by a reset is free at once': { fail: (link) => link.disconnect(), timeoutMs: 25_000 },
  'without a word is free at the deadline of its call': { fail: (link) => link.stall(), timeoutMs: 3000 },
  'without a word is free, long before that, once Envoy has asked it and heard nothing': {
    fail: (link) => link.stall(),
    timeoutMs: 25_000,
    changes: [keepalive('0.5s')],
  },
}
for (const [how, { fail, timeoutMs, changes = [] }] of Object.entries(vanishings)) {
  test(`a worker that is held by a caller who vanished ${how}`, needsNetwork, async () => {
    await using network = await startNetwork()
    await using replica = await startService(hold, '--workers=1', '--delay-target-ms=0')
    await using envoy = await startTestEnvoy({
      endpoints: [{ address: '127.0.0.1', port: replica.ports.grpc }],
      changes,
    })
    const [address = '', port] = envoy.target.split(':')
    const link = await network.linkTo({ address, port: Number(port) }, 'RST')
    using far = holdClient(link.target)
    using near = holdClient(envoy.target)
    const vanished = holdFor(far, 30_000, { timeoutMs })
    await eventually(async () => assert.equal(await envoy.stat('cluster.replicas.upstream_rq_active'), 1))
    await fail(link)
    // There is one worker, and no spare thread: the answer says that it is free, long before it would have been.
    assert.equal((await holdFor(near, 1, { timeoutMs: 15_000 })).code, status.OK)
    await link.heal()
    assert.notEqual((await vanished).code, status.OK)
  })
}
