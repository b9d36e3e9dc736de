import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { status } from '@grpc/grpc-js'
import { type ChannelSettings, channelOptions, openChannel } from '../../client/channel.ts'
import { attemptTimesMs, echoPath, forkBackend, startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { changingAddresses } from '../support/changing-addresses.ts'
import { startDiscoveryServer } from '../support/discovery-server.ts'
import { eventually } from '../support/eventually.ts'

/** For a script in a process of its own. */
const library = JSON.stringify(new URL('../../client/library.ts', import.meta.url).href)

const idempotent = [echoPath.slice(1)]

const addressOf = ({ endpoint }: { endpoint: { address: string; port: number } }) =>
  `${endpoint.address}:${endpoint.port}`

const callerOf = (target: string, settings: ChannelSettings = {}) =>
  openCaller(target, { ...channelOptions(target, settings), 'grpc.enable_retries': 1 })

/** A call that is held by a replica which is then killed, with another replica beside it. */
async function cutCall(settings: ChannelSettings) {
  await using doomed = await forkBackend('doomed', { hold: true })
  await using other = await startBackend('other', { hold: true })
  using caller = callerOf(`ipv4:${addressOf(doomed)},${addressOf(other)}`, settings)
  const calls = caller.callAtOnce(2)
  // The first calls go to whichever connection stands first; then one more goes to the other.
  await eventually(() => assert.equal(doomed.inFlight + other.inFlight, 2))
  const more = []
  while (doomed.inFlight === 0) {
    const seen = doomed.inFlight + other.inFlight
    more.push(caller.call())
    await eventually(() => assert.ok(doomed.inFlight + other.inFlight > seen))
  }
  other.behave({})
  await doomed.signal('SIGKILL')
  other.release()
  return [...(await calls), ...(await Promise.all(more))]
}

test('a call that a crash cut off is repeated elsewhere when its method was named as idempotent', async () => {
  for (const names of [idempotent, ['test.v1.BackendService']]) {
    const outcomes = await cutCall({ idempotent: names })
    assert.deepEqual(new Set(outcomes.map(({ code, pod }) => `${code} ${pod}`)), new Set([`${status.OK} other`]))
  }
})

test('a peer that hangs is noticed by a channel that asks whether it is there', async () => {
  await using hanging = await forkBackend('hanging', { hold: true })
  using caller = callerOf(addressOf(hanging), { keepaliveMs: 100 })
  const calls = caller.callAtOnce(1)
  await eventually(() => assert.equal(hanging.inFlight, 1))
  await hanging.signal('SIGSTOP')
  const [outcome] = await calls
  assert.equal(outcome?.code, status.UNAVAILABLE)
})

test('replicas that crash one after the other under load lose no call of idempotent methods', async () => {
  await using stack = new AsyncDisposableStack()
  const start = async (name: string) => stack.use(await forkBackend(name, { delayMs: 5 }))
  const alive = [await start('0'), await start('1'), await start('2')]
  const list = changingAddresses(alive.map(({ endpoint }) => endpoint))
  using caller = callerOf(list.target, { idempotent, balancing: 'least_request_full_scan' })
  await caller.call()
  let kills = 0
  const crashes = async () => {
    for (; kills < 4; kills += 1) {
      alive.push(await start(String(kills + 3)))
      // The list still has the one that crashes, as it would in a cluster for a while.
      list.set(alive.map(({ endpoint }) => endpoint))
      await alive.shift()?.signal('SIGKILL')
    }
  }
  const outcomes = await caller.callUntil(crashes(), 20)
  assert.equal(kills, 4)
  assert.deepEqual(lost(outcomes), [])
})

test('no other call is repeated: it may have been done', async () => {
  for (const names of [[], ['test.v1.BackendService/Other']]) {
    const outcomes = await cutCall({ idempotent: names })
    assert.ok(outcomes.some(({ code }) => code === status.UNAVAILABLE))
  }
})

test('a call is repeated three times at most', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE })
  using caller = callerOf(addressOf(backend), { idempotent })
  assert.equal((await caller.call()).code, status.UNAVAILABLE)
  assert.equal(backend.attempts, 4)
})

test('a replica that says when to come back is not asked before', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE, pushbackMs: 300 })
  using caller = callerOf(addressOf(backend), { idempotent })
  const attempts = attemptTimesMs(backend)
  backend.onChange(() => backend.behave({}))
  assert.equal((await caller.call()).code, status.OK)
  const [first, second] = attempts as [number, number]
  assert.ok(second - first >= 300, `attempts at ${attempts.join(', ')} ms`)
})

test('a call that has no time to wait for the replica ends at once, with what the replica said', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE, pushbackMs: 60_000 })
  using caller = callerOf(addressOf(backend), { idempotent })
  assert.equal((await caller.call({ deadlineMs: 30_000 })).code, status.UNAVAILABLE)
  assert.equal(backend.attempts, 1)
})

test('a replica that says never is not asked again', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE, pushbackMs: -1 })
  using caller = callerOf(addressOf(backend), { idempotent })
  assert.equal((await caller.call()).code, status.UNAVAILABLE)
  assert.equal(backend.attempts, 1)
})

test('an outage is not multiplied: after 250 failures calls are not repeated any more', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE })
  using caller = callerOf(addressOf(backend), { idempotent })
  const calls = 1000
  await caller.callAtOnce(calls)
  assert.ok(backend.attempts <= calls + 250, `${backend.attempts} attempts`)
})

test('calls to a list of addresses are spread, calls to one host and port go to one', async () => {
  await using one = await startBackend('one')
  await using other = await startBackend('other')
  const list = `ipv4:${addressOf(one)},${addressOf(other)}`
  using spread = callerOf(list)
  await eventually(async () => assert.deepEqual(callsPerPod(await spread.callInTurn(10)), { one: 5, other: 5 }))
  using first = callerOf(list, { balancing: 'pick_first' })
  assert.equal(Object.keys(callsPerPod(await first.callInTurn(10))).length, 1)
  using single = callerOf(addressOf(one))
  assert.deepEqual(callsPerPod(await single.callInTurn(2)), { one: 2 })
})

test('what is no method is refused by name', () => {
  assert.throws(() => channelOptions('127.0.0.1:1', { idempotent: ['/a.B/C'] }), {
    message: '"/a.B/C" is no method; write package.Service or package.Service/Method',
  })
})

test('channels to xds: targets ask the control plane that each was given, and hang up when they are closed', async () => {
  await using one = await startDiscoveryServer()
  await using other = await startDiscoveryServer()
  // A process of its own, to be killed: grpc-js-xds keeps one alive for 15 s when it had no answer.
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { openChannel } from ${library}
    const open = (server) => openChannel('xds:///evenkeel', { xds: { server, nodeId: 'node-a', zone: 'zone-a' } })
    const channels = await Promise.all([open('${one.address}'), open('${other.address}')])
    for (const channel of channels) channel.getConnectivityState(true)
    process.stdin.once('data', () => channels.forEach((channel) => channel.close()))`,
  ])
  try {
    for (const { requests } of [one, other]) {
      await eventually(() => assert.equal(requests.length, 1))
      for (const text of ['node-a', 'zone-a', 'evenkeel', 'envoy.config.listener.v3.Listener']) {
        assert.ok(requests[0]?.includes(text), text)
      }
    }
    assert.deepEqual([one.streams, other.streams], [1, 1])
    child.stdin.write('close')
    await eventually(() => assert.deepEqual([one.streams, other.streams], [0, 0]))
    assert.equal(child.exitCode, null)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
})

test('an xds: target without a control plane is refused with what to do', async () => {
  await assert.rejects(openChannel('xds:///evenkeel'), /set GRPC_XDS_BOOTSTRAP or GRPC_XDS_BOOTSTRAP_CONFIG/)
  assert.throws(() => channelOptions('xds:///evenkeel'), /await openChannel/)
})

test('grpc-js-xds is not loaded before an xds: target is asked for', async () => {
  const script = `
    import { createRequire } from 'node:module'
    import { openChannel } from ${library}
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('grpc-js-xds'))
    ;(await openChannel('127.0.0.1:1')).close()
    const before = loaded()
    ;(await openChannel('xds:///evenkeel', { xds: { server: '127.0.0.1:1' } })).close()
    console.log(before, loaded())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  assert.equal(stdout, 'false true\n')
})
