import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Said, worldRequest } from '../../test/support/ads-requests.ts'
import { snapshotOf } from '../../test/support/world.ts'
import type { ResourceType } from '../resources/resource.ts'
import { StateOfTheWorldSubscription } from './state-of-the-world.ts'

const one = snapshotOf({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] })
const moved = snapshotOf({ primes: ['10.0.0.9:1'], hold: ['10.0.0.2:1'] }, one)
const withoutHold = snapshotOf({ primes: ['10.0.0.1:1'] }, one)
const withMore = snapshotOf({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'], more: [] }, one)

/** A subscription whose responses are taken or refused as a test says. */
function subscribed(type: ResourceType) {
  let nonces = 0
  const subscription = new StateOfTheWorldSubscription(type, () => String((nonces += 1)))
  return {
    subscription,
    ask: (names: string[], said: Said = {}) => subscription.receive(worldRequest(type, names, said)),
    /** The names in the response that is due, or undefined for none. */
    told: (snapshot: typeof one) => subscription.respond(snapshot.of(type))?.names,
  }
}

test('a first request without names asks for all clusters and listeners there are', () => {
  for (const type of ['cluster', 'listener'] as const) {
    const { ask, told } = subscribed(type)
    ask([])
    assert.deepEqual(told(one), ['hold', 'primes'])
  }
})

test('a request without names asks for no endpoints and no routes', () => {
  for (const type of ['endpoints', 'route'] as const) {
    const { ask, told } = subscribed(type)
    ask([])
    assert.equal(told(one), undefined)
  }
})

test('an asterisk asks for all there are, also beside names', () => {
  const { ask, told, subscription } = subscribed('cluster')
  ask(['*', 'primes'])
  assert.deepEqual(subscription.wanted, ['*', 'primes'])
  assert.deepEqual(told(one), ['hold', 'primes'])
})

test('who names a cluster after asking for all is told of that one only', () => {
  const { ask, told, subscription } = subscribed('cluster')
  ask([])
  told(one)
  ask(['primes'], { nonce: '1' })
  assert.deepEqual(subscription.wanted, ['primes'])
  assert.deepEqual(told(withMore), ['primes'])
})

test('who has named something and then names nothing wants nothing', () => {
  const { ask, told, subscription } = subscribed('cluster')
  ask(['primes'])
  told(one)
  ask([], { nonce: '1' })
  assert.deepEqual(subscription.wanted, [])
  assert.equal(told(withMore), undefined)
})

test('while a response is unanswered no other one is sent', () => {
  const { ask, told } = subscribed('endpoints')
  ask(['primes'])
  told(one)
  assert.equal(told(moved), undefined)
  assert.equal(ask(['primes'], { nonce: '1' }), 'ack')
  assert.deepEqual(told(moved), ['primes'])
})

test('what was taken is not sent again, and nor is what was refused', () => {
  for (const said of [{ nonce: '1' }, { nonce: '1', refusal: 'no such thing' }]) {
    const { ask, told } = subscribed('cluster')
    ask([])
    told(one)
    assert.equal(ask([], said), 'refusal' in said ? 'nack' : 'ack')
    assert.equal(told(one), undefined)
    assert.deepEqual(told(withMore), ['hold', 'more', 'primes'])
  }
})

test('a request that answers an earlier response says nothing', () => {
  const { ask, told, subscription } = subscribed('endpoints')
  ask(['primes'])
  told(one)
  ask(['primes'], { nonce: '1' })
  told(moved)
  for (const nonce of ['1', '', 'of another stream']) assert.equal(ask(['hold'], { nonce }), 'stale')
  assert.deepEqual(subscription.wanted, ['primes'])
  assert.equal(subscription.unanswered?.nonce, '2')
})

test('the first request of a stream may carry the nonce of the stream before', () => {
  const { ask, told } = subscribed('endpoints')
  assert.equal(ask(['primes'], { nonce: '17' }), 'subscribe')
  assert.deepEqual(told(one), ['primes'])
})

test('a response on clusters or listeners holds all that is wanted, one on endpoints or routes what changed', () => {
  const clusters = subscribed('cluster')
  clusters.ask(['primes', 'hold'])
  clusters.told(one)
  clusters.ask(['primes', 'hold', 'more'], { nonce: '1' })
  assert.deepEqual(clusters.told(withMore), ['primes', 'hold', 'more'])
  const endpoints = subscribed('endpoints')
  endpoints.ask(['primes', 'hold'])
  endpoints.told(one)
  endpoints.ask(['primes', 'hold'], { nonce: '1' })
  assert.deepEqual(endpoints.told(moved), ['primes'])
})

test('a cluster that is gone is missing in a complete response; endpoints cannot be taken away', () => {
  const clusters = subscribed('cluster')
  clusters.ask(['primes', 'hold'])
  clusters.told(one)
  clusters.ask(['primes', 'hold'], { nonce: '1' })
  assert.deepEqual(clusters.told(withoutHold), ['primes'])
  const endpoints = subscribed('endpoints')
  endpoints.ask(['primes', 'hold'])
  endpoints.told(one)
  endpoints.ask(['primes', 'hold'], { nonce: '1' })
  assert.equal(endpoints.told(withoutHold), undefined)
})

test('who asks for a cluster that does not exist is told so, and of it once it does', () => {
  const { ask, told } = subscribed('cluster')
  ask(['more'])
  assert.deepEqual(told(one), [])
  ask(['more'], { nonce: '1' })
  assert.deepEqual(told(withMore), ['more'])
})

test('endpoints that are asked for before they exist are told once they do', () => {
  const { ask, told } = subscribed('endpoints')
  ask(['more'])
  assert.equal(told(one), undefined)
  assert.deepEqual(told(withMore), ['more'])
})

test('what was given up and is asked for again is sent again', () => {
  const { ask, told } = subscribed('endpoints')
  ask(['primes', 'hold'])
  told(one)
  ask(['hold'], { nonce: '1' })
  assert.equal(told(one), undefined)
  ask(['primes', 'hold'], { nonce: '1' })
  assert.deepEqual(told(one), ['primes'])
})

test('a name that is added while a response is under way is told after the answer', () => {
  const { ask, told } = subscribed('endpoints')
  ask(['primes'])
  told(one)
  assert.equal(ask(['primes', 'hold'], { nonce: '1' }), 'ack')
  assert.deepEqual(told(one), ['hold'])
})
