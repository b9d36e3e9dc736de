import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deltaRequest, type Said, type Wish } from '../../test/support/ads-requests.ts'
import { snapshotOf } from '../../test/support/world.ts'
import { DeltaDiscoveryResponse } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { ResourceType } from '../resources/resource.ts'
import { DeltaSubscription } from './delta.ts'

const one = snapshotOf({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] })
const moved = snapshotOf({ primes: ['10.0.0.9:1'], hold: ['10.0.0.2:1'] }, one)
const withoutHold = snapshotOf({ primes: ['10.0.0.1:1'] }, one)

/** Versions of endpoints in `one`, as a subscriber of it has them. */
const versions = Object.fromEntries([...one.of('endpoints').byName].map(([name, { version }]) => [name, version]))

/** A subscription, and what its responses say: names that changed and names that are gone; undefined for no response. */
function subscribed(type: ResourceType = 'endpoints') {
  let nonces = 0
  const subscription = new DeltaSubscription(type, () => String((nonces += 1)))
  return {
    subscription,
    ask: (wish: Wish, said: Said = {}) => subscription.receive(deltaRequest(type, wish, said)),
    told: (snapshot: typeof one) => {
      const response = subscription.respond(snapshot.of(type))
      if (!response) return undefined
      const { resources, removedResources } = DeltaDiscoveryResponse.decode(response.bytes)
      return { changed: resources.map(({ name }) => name), gone: removedResources }
    },
  }
}

test('names are answered with what they stand for', () => {
  const { ask, told } = subscribed()
  assert.equal(ask({ subscribe: ['primes'] }), 'subscribe')
  assert.deepEqual(told(one), { changed: ['primes'], gone: [] })
})

test('a first request without names, and an asterisk, ask for all there are', () => {
  for (const subscribe of [[], ['*']]) {
    const { ask, told } = subscribed('cluster')
    ask({ subscribe })
    assert.deepEqual(told(one), { changed: ['hold', 'primes'], gone: [] })
  }
})

test('who asks for all is told also that there is nothing', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['*'] })
  assert.deepEqual(told(snapshotOf({})), { changed: [], gone: [] })
})

test('only what changed travels', () => {
  const { ask, told } = subscribed()
  ask({})
  told(one)
  assert.equal(ask({}, { nonce: '1' }), 'ack')
  assert.equal(told(one), undefined)
  assert.deepEqual(told(moved), { changed: ['primes'], gone: [] })
})

test('what is gone is taken away by name', () => {
  for (const subscribe of [[], ['primes', 'hold']]) {
    const { ask, told } = subscribed()
    ask({ subscribe })
    told(one)
    ask({}, { nonce: '1' })
    assert.deepEqual(told(withoutHold), { changed: [], gone: ['hold'] })
    ask({}, { nonce: '2' })
    assert.equal(told(withoutHold), undefined)
  }
})

test('a name that stands for nothing is answered at once, and told once it does', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['hold'] })
  assert.deepEqual(told(withoutHold), { changed: [], gone: ['hold'] })
  ask({}, { nonce: '1' })
  assert.equal(told(withoutHold), undefined)
  assert.deepEqual(told(one), { changed: ['hold'], gone: [] })
})

test('while a response is unanswered names may change, and nothing is sent', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['primes'] })
  told(one)
  assert.equal(ask({ subscribe: ['hold'] }), 'subscribe')
  assert.equal(told(moved), undefined)
  assert.equal(ask({}, { nonce: '1' }), 'ack')
  assert.deepEqual(told(moved), { changed: ['primes', 'hold'], gone: [] })
})

test('a refused response is not sent again, and the next change is', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['primes'] })
  told(one)
  assert.equal(ask({}, { nonce: '1', refusal: 'no such thing' }), 'nack')
  assert.equal(told(one), undefined)
  assert.deepEqual(told(moved), { changed: ['primes'], gone: [] })
})

test('a nonce of an earlier response answers nothing, but the names beside it count', () => {
  const { ask, told, subscription } = subscribed()
  ask({ subscribe: ['primes'] })
  told(one)
  assert.equal(ask({ subscribe: ['hold'] }, { nonce: '0' }), 'stale')
  assert.deepEqual(subscription.wanted, ['primes', 'hold'])
  assert.equal(subscription.unanswered?.nonce, '1')
})

test('who connects again with what it has is told only what it does not have', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['primes', 'hold'], has: versions })
  assert.equal(told(one), undefined)
  const late = subscribed()
  late.ask({ subscribe: ['primes', 'hold'], has: versions })
  assert.deepEqual(late.told(moved), { changed: ['primes'], gone: [] })
})

test('who connects again is told what went away meanwhile', () => {
  for (const subscribe of [[], ['primes', 'hold']]) {
    const { ask, told } = subscribed()
    ask({ subscribe, has: versions })
    assert.deepEqual(told(withoutHold), { changed: [], gone: ['hold'] })
  }
})

test('the first request of a stream may carry the nonce of the stream before', () => {
  const { ask, told } = subscribed()
  assert.equal(ask({ subscribe: ['primes'] }, { nonce: '17' }), 'subscribe')
  assert.deepEqual(told(one), { changed: ['primes'], gone: [] })
})

test('a name that is asked for again is sent again', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['primes'] })
  told(one)
  ask({}, { nonce: '1' })
  ask({ subscribe: ['primes'] })
  assert.deepEqual(told(one), { changed: ['primes'], gone: [] })
})

test('of a name that was given up nothing is told', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['primes', 'hold'] })
  told(one)
  ask({ unsubscribe: ['primes'] }, { nonce: '1' })
  assert.equal(told(moved), undefined)
})

test('a name that was given up by one who wants everything is told once more, or that it is gone', () => {
  const { ask, told } = subscribed()
  ask({ subscribe: ['*', 'primes', 'none'] })
  assert.deepEqual(told(one), { changed: ['hold', 'primes'], gone: ['none'] })
  ask({ unsubscribe: ['primes', 'none'] }, { nonce: '1' })
  assert.deepEqual(told(one), { changed: ['primes'], gone: ['none'] })
})

test('who asks for no asterisk any more keeps the names, and one who never named any is not bound by them', () => {
  const { ask, told, subscription } = subscribed()
  ask({})
  told(one)
  ask({ subscribe: ['primes'] }, { nonce: '1' })
  assert.deepEqual(subscription.wanted, ['*', 'primes'])
  told(one)
  ask({ unsubscribe: ['*'] }, { nonce: '2' })
  assert.deepEqual([...subscription.held.keys()], ['primes'])
  assert.equal(told(withoutHold), undefined)
})

test('names cannot be added up without end', () => {
  const { ask } = subscribed()
  const names = Array.from({ length: 100_000 }, (_, at) => `service-${at}`)
  ask({ subscribe: names })
  assert.throws(() => ask({ subscribe: ['one-more'] }), /resource_names_subscribe: more than 100000 names/)
})
