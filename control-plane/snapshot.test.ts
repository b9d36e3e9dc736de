import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyOfResource, localitiesOf } from '../test/support/decode-resource.ts'
import { plainSettings, readyAt, servicesAt, snapshotOf } from '../test/support/world.ts'
import { publishOrder, type Resource, type ResourceType } from './resources/resource.ts'
import { Snapshot } from './snapshot.ts'
import type { Services } from './sources/source.ts'

const preferring = { ...plainSettings, zones: 'prefer' } as const

const resourceOf = (snapshot: Snapshot, type: ResourceType, name = 'primes'): Resource => {
  const found = snapshot.of(type).byName.get(name)
  assert.ok(found)
  return found
}

test('every service has one resource of each type', () => {
  const snapshot = snapshotOf({ primes: ['10.0.0.1:1'], hold: [] })
  for (const type of publishOrder) assert.deepEqual([...snapshot.of(type).byName.keys()], ['hold', 'primes'])
})

test('instances that know the same tell the same versions, whatever the order they learnt it in', () => {
  const one = snapshotOf({ primes: ['10.0.0.1:1', '10.0.0.2:1'], hold: ['10.0.0.3:1'] })
  const other = snapshotOf({ hold: ['10.0.0.3:1'], primes: ['10.0.0.2:1', '10.0.0.1:1'] })
  for (const type of publishOrder) assert.equal(one.of(type).version, other.of(type).version)
})

test('resources of services that did not change are those of the snapshot before', () => {
  const services = servicesAt({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] })
  const before = new Snapshot(services, plainSettings)
  before.of('endpoints')
  const after = new Snapshot(new Map([...services, ['hold', [readyAt('10.0.0.9:1')]]]), plainSettings, before)
  for (const type of publishOrder) assert.equal(resourceOf(after, type), resourceOf(before, type))
  assert.notEqual(resourceOf(after, 'endpoints', 'hold'), resourceOf(before, 'endpoints', 'hold'))
})

test('a change of endpoints changes the version of endpoints only', () => {
  const before = snapshotOf({ primes: ['10.0.0.1:1'] })
  const after = snapshotOf({ primes: ['10.0.0.2:1'] }, before)
  const changed = publishOrder.filter((type) => before.of(type).version !== after.of(type).version)
  assert.deepEqual(changed, ['endpoints'])
})

test('a service that is gone has no resource any more', () => {
  const after = snapshotOf({ primes: [] }, snapshotOf({ primes: [], hold: [] }))
  for (const type of publishOrder) assert.deepEqual([...after.of(type).byName.keys()], ['primes'])
})

test('replicas that are not ready get no calls', () => {
  const states: Services = new Map([
    ['primes', [readyAt('10.0.0.1:1'), { address: '10.0.0.2', port: 1, state: 'unready' }]],
  ])
  const [locality] = localitiesOf(anyOfResource(resourceOf(new Snapshot(states, plainSettings), 'endpoints')))
  assert.deepEqual(locality?.places, ['10.0.0.1:1'])
})

test('a subscriber hears of its own zone first only where that is asked for', () => {
  const services: Services = new Map([['primes', [readyAt('10.0.0.1:1', 'a'), readyAt('10.0.0.2:1', 'b')]]])
  const ignoring = new Snapshot(services, plainSettings)
  assert.equal(ignoring.of('endpoints', 'a'), ignoring.of('endpoints', 'b'))
  const zoned = new Snapshot(services, preferring)
  assert.notEqual(zoned.of('endpoints', 'a').version, zoned.of('endpoints', 'b').version)
  assert.equal(zoned.of('endpoints', 'a'), zoned.of('endpoints', 'a'))
  assert.equal(zoned.of('endpoints', ''), zoned.of('endpoints'))
})

test('subscribers that make up zones share what is told to those of none', () => {
  const zoned = new Snapshot(new Map([['primes', [readyAt('10.0.0.1:1', 'a')]]]), preferring)
  assert.equal(zoned.of('endpoints', 'made-up-1'), zoned.of('endpoints', 'made-up-2'))
})

test('what was made for a zone is kept from snapshot to snapshot', () => {
  const services: Services = new Map([['primes', [readyAt('10.0.0.1:1', 'a')]]])
  const before = new Snapshot(services, preferring)
  const made = before.of('endpoints', 'a').byName.get('primes')
  assert.equal(new Snapshot(services, preferring, before).of('endpoints', 'a').byName.get('primes'), made)
})
