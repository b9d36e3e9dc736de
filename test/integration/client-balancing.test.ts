import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { BalancingPolicy } from '../../client/balancing/policy.ts'
import { channelOptions } from '../../client/channel.ts'
import { type Backend, type Behaviour, forkBackend, startBackend } from '../support/backend.ts'
import { type Caller, callsPerPod, lost, openCaller } from '../support/caller.ts'
import { changingAddresses } from '../support/changing-addresses.ts'
import { eventually } from '../support/eventually.ts'

const names = ['a', 'b', 'c'] as const

/** Three backends that do as they are told, and a caller that balances over them and is connected to all. */
async function threeBackends(balancing: BalancingPolicy, behaviours: Partial<Record<string, Behaviour>> = {}) {
  const stack = new AsyncDisposableStack()
  const backends: Backend[] = []
  for (const name of names) backends.push(stack.use(await startBackend(name)))
  const target = `ipv4:${backends.map(addressOf).join(',')}`
  const caller = stack.use(openCaller(target, channelOptions(target, { balancing })))
  await connectToAll(caller, 3)
  for (const backend of backends) backend.behave(behaviours[backend.name] ?? {})
  return { caller, backends, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const addressOf = ({ endpoint }: { endpoint: { address: string; port: number } }) =>
  `${endpoint.address}:${endpoint.port}`

const connectToAll = (caller: Caller, count: number) =>
  eventually(async () => assert.equal(Object.keys(callsPerPod(await caller.callAtOnce(count))).length, count))

test('full scan gives each of three idle replicas exactly a third of calls made one by one', async () => {
  await using three = await threeBackends('least_request_full_scan')
  assert.deepEqual(callsPerPod(await three.caller.callInTurn(300)), { a: 100, b: 100, c: 100 })
})

test('calls that are made at once see each other, though none of them has begun', async () => {
  await using three = await threeBackends('least_request_full_scan')
  const [a, b] = three.backends
  for (const backend of three.backends) backend.behave({ hold: true })
  const held = three.caller.callAtOnce(30)
  await eventually(() => assert.deepEqual([a?.inFlight, b?.inFlight], [10, 10]))
  for (const backend of three.backends) backend.behave({})
  b?.release()
  await eventually(() => assert.equal(b?.inFlight, 0))
  assert.deepEqual(callsPerPod(await three.caller.callAtOnce(13)), { a: 1, b: 11, c: 1 })
  for (const backend of three.backends) backend.release()
  assert.deepEqual(callsPerPod(await held), { a: 10, b: 10, c: 10 })
})

for (const balancing of ['least_request_full_scan', 'least_request_two_choices'] as const) {
  test(`${balancing} gives a slow replica fewer calls`, async () => {
    await using three = await threeBackends(balancing, { a: { delayMs: 200 }, b: { delayMs: 5 }, c: { delayMs: 5 } })
    const calls = callsPerPod(await three.caller.callUntil(delay(1000), 12))
    assert.ok(Number(calls['a']) * 2 < Math.min(Number(calls['b']), Number(calls['c'])), JSON.stringify(calls))
  })

  test(`${balancing} sends a replica that refuses at once no more than its share`, async () => {
    const refuses = { status: status.RESOURCE_EXHAUSTED }
    await using three = await threeBackends(balancing, { a: refuses, b: { delayMs: 5 }, c: { delayMs: 5 } })
    const calls = callsPerPod(await three.caller.callUntil(delay(1000), 12))
    assert.ok(Number(calls['a']) <= Math.min(Number(calls['b']), Number(calls['c'])), JSON.stringify(calls))
  })

  test(`${balancing} sends a replica that asks for a pause of a moment no more than its share`, async () => {
    const refuses = { status: status.RESOURCE_EXHAUSTED, pushbackMs: 1 }
    await using three = await threeBackends(balancing, { a: refuses, b: { delayMs: 20 }, c: { delayMs: 20 } })
    const calls = callsPerPod(await three.caller.callUntil(delay(2000), 12))
    assert.ok(Number(calls['a']) <= Math.min(Number(calls['b']), Number(calls['c'])), JSON.stringify(calls))
  })
}

test('replicas that all refuse are still called, evenly', async () => {
  const refuses = { status: status.RESOURCE_EXHAUSTED }
  await using three = await threeBackends('least_request_full_scan', { a: refuses, b: refuses, c: refuses })
  assert.deepEqual(callsPerPod(await three.caller.callInTurn(30)), { a: 10, b: 10, c: 10 })
})

test('a replica that died gets nothing, and loses only the calls that it held', async () => {
  await using one = await startBackend('a')
  await using other = await startBackend('b')
  await using doomed = await forkBackend('doomed')
  const target = `ipv4:${[one, other, doomed].map(addressOf).join(',')}`
  using caller = openCaller(target, channelOptions(target))
  await connectToAll(caller, 3)
  const killed = delay(200).then(() => doomed.signal('SIGKILL'))
  const around = await caller.callUntil(
    killed.then(() => delay(200)),
    6,
  )
  assert.ok(lost(around).length <= 6, lost(around).join('\n'))
  assert.deepEqual(callsPerPod(await caller.callInTurn(100)), { a: 50, b: 50 })
})

test('addresses that come and go under load lose no call, and calls of a removed one are finished', async () => {
  await using stack = new AsyncDisposableStack()
  const backends: Backend[] = []
  for (const name of ['a', 'b', 'c', 'd']) backends.push(stack.use(await startBackend(name, { delayMs: 3 })))
  const [a, b, c, d] = backends.map(({ endpoint }) => endpoint) as [Backend['endpoint'], ...Backend['endpoint'][]]
  const list = changingAddresses([a])
  const caller = stack.use(
    openCaller(list.target, channelOptions(list.target, { balancing: 'least_request_full_scan' })),
  )
  const change = async () => {
    for (let round = 0; round < 20; round += 1) {
      list.set([a, b, c].filter((each) => each !== undefined))
      await delay(20)
      list.set([b, d, c].filter((each) => each !== undefined))
      await delay(20)
    }
  }
  const outcomes = await caller.callUntil(change(), 20)
  assert.deepEqual(lost(outcomes), [])
  assert.deepEqual(Object.keys(callsPerPod(outcomes)).toSorted(), ['a', 'b', 'c', 'd'])
})

test('an address where nobody listens is not looked up without end', async () => {
  await using one = await startBackend('one')
  const dead = { address: '127.0.0.1', port: 1 }
  const list = changingAddresses([one.endpoint, dead])
  using caller = openCaller(list.target, channelOptions(list.target, { balancing: 'least_request_full_scan' }))
  await caller.callInTurn(200)
  list.set([dead, one.endpoint])
  assert.deepEqual(callsPerPod(await caller.callInTurn(200)), { one: 200 })
  assert.ok(list.lookups <= 10, `${list.lookups} lookups`)
})

test('the count of an endpoint outlives a change of the addresses, and its absence', async () => {
  await using busy = await startBackend('busy', { hold: true })
  await using other = await startBackend('other', { hold: true })
  const list = changingAddresses([busy.endpoint])
  using caller = openCaller(list.target, channelOptions(list.target, { balancing: 'least_request_full_scan' }))
  const held = caller.callAtOnce(5)
  await eventually(() => assert.equal(busy.inFlight, 5))
  list.set([other.endpoint])
  // Calls wait for the new connection: the old address is gone.
  const heldByOther = caller.callAtOnce(8)
  await eventually(() => assert.equal(other.inFlight, 8))
  for (const backend of [busy, other]) backend.behave({})
  list.set([busy.endpoint, other.endpoint])
  await eventually(async () => assert.equal((await caller.call()).pod, 'busy'))
  // Five and eight: three make them equal, and ten are halved.
  assert.deepEqual(callsPerPod(await caller.callAtOnce(13)), { busy: 8, other: 5 })
  for (const backend of [busy, other]) backend.release()
  assert.deepEqual(lost([...(await held), ...(await heldByOther)]), [])
})
