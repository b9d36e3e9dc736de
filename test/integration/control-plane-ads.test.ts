import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { publishOrder, type ResourceType, typeUrls } from '../../control-plane/resources/resource.ts'
import { deltaStream, worldStream, adsClient } from '../support/ads-client.ts'
import { deltaRequest, worldRequest } from '../support/ads-requests.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { anyName, localitiesOf } from '../support/decode-resource.ts'
import { memorySource } from '../support/memory-source.ts'
import { servicesAt } from '../support/world.ts'

const node = 'envoy-1'
const services = servicesAt({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] })
const moved = servicesAt({ primes: ['10.0.0.9:1'], hold: ['10.0.0.2:1'] })

test('both protocols tell the same of one state', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  using delta = deltaStream(client)
  for (const type of publishOrder) {
    world.say(worldRequest(type, ['primes', 'hold'], { node }))
    delta.say(deltaRequest(type, { subscribe: ['primes', 'hold'] }, { node }))
    const [whole, changed] = [await world.next(), await delta.next()]
    assert.equal(whole.typeUrl, typeUrls[type])
    assert.equal(whole.versionInfo, changed.systemVersionInfo)
    assert.deepEqual(
      changed.resources.map(({ resource }) => resource),
      whole.resources,
    )
  }
})

test('a change reaches who has taken the state before, and says only what changed', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  using delta = deltaStream(client)
  world.say(worldRequest('endpoints', ['primes', 'hold'], { node }))
  delta.say(deltaRequest('endpoints', {}, { node }))
  world.say(worldRequest('endpoints', ['primes', 'hold'], { nonce: (await world.next()).nonce }))
  delta.say(deltaRequest('endpoints', {}, { nonce: (await delta.next()).nonce }))
  source.tell(moved)
  const [told, ...others] = (await world.next()).resources
  assert.deepEqual(others, [])
  assert.deepEqual(
    localitiesOf(told ?? assert.fail()).flatMap(({ places }) => places),
    ['10.0.0.9:1'],
  )
  assert.deepEqual(
    (await delta.next()).resources.map(({ name }) => name),
    ['primes'],
  )
})

test('a service that is gone is taken from a subscriber in the order that breaks nothing', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using delta = deltaStream(client)
  for (const type of publishOrder) {
    delta.say(deltaRequest(type, {}, { node }))
    const { nonce } = await delta.next()
    delta.say(deltaRequest(type, {}, { nonce }))
  }
  source.tell(servicesAt({ primes: ['10.0.0.1:1'] }))
  const order: [string, string[]][] = []
  for (const _ of publishOrder) {
    const { typeUrl, nonce, removedResources } = await delta.next()
    const type = publishOrder.find((each) => typeUrls[each] === typeUrl) as ResourceType
    order.push([type, removedResources])
    delta.say(deltaRequest(type, {}, { nonce }))
  }
  assert.deepEqual(order, [
    ['listener', ['hold']],
    ['route', ['hold']],
    ['cluster', ['hold']],
    ['endpoints', ['hold']],
  ])
})

test('a subscriber that moves to another instance sees no change', async () => {
  await using one = await startControlPlane(memorySource(services))
  const reversed = new Map([...services].toReversed())
  await using other = await startControlPlane(memorySource(reversed))
  using oldClient = adsClient(one.address)
  using before = deltaStream(oldClient)
  before.say(deltaRequest('cluster', {}, { node }))
  const first = await before.next()
  const has = Object.fromEntries(first.resources.map(({ name, version }) => [name, version]))
  using newClient = adsClient(other.address)
  using after = deltaStream(newClient)
  after.say(deltaRequest('cluster', { has }, { node }))
  const { resources, removedResources, systemVersionInfo } = await after.next()
  assert.deepEqual([resources, removedResources, systemVersionInfo], [[], [], first.systemVersionInfo])
})

test('a subscriber that comes before the first state waits for it', async () => {
  const source = memorySource()
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node }))
  source.tell(services)
  assert.deepEqual((await world.next()).resources.map(anyName), ['hold', 'primes'])
})

test('a source that fails leaves subscribers with what they have, and later states reach them', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('endpoints', ['primes'], { node }))
  const { nonce } = await world.next()
  world.say(worldRequest('endpoints', ['primes'], { nonce }))
  source.fail(new Error('no such file'))
  source.recover()
  source.tell(servicesAt({ primes: ['10.0.0.7:1'] }))
  assert.equal((await world.next()).resources.length, 1)
})

test('a state that cannot be told is left out, and the one before it stays', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  source.tell(new Map([['primes', [{ address: '10.0.0.1', port: -1, state: 'ready' }]]]))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node }))
  assert.deepEqual((await world.next()).resources.map(anyName), ['hold', 'primes'])
  source.tell(servicesAt({ more: [] }))
  world.say(worldRequest('cluster', [], { nonce: '1' }))
  assert.ok((await world.next()).resources.map(anyName).includes('more'))
})

test('a subscriber that half-closes is let go with OK', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node }))
  await world.next()
  world.halfClose()
  assert.equal((await world.ended).code, status.OK)
  assert.equal(controlPlane.ads.streams.length, 0)
})
