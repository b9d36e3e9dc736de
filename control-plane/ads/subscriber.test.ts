import assert from 'node:assert/strict'
import { test } from 'node:test'
import { worldRequest } from '../../test/support/ads-requests.ts'
import { fakeSubscriber, type Told } from '../../test/support/fake-subscriber.ts'
import { snapshotOf } from '../../test/support/world.ts'
import { DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { ResourceType } from '../resources/resource.ts'

const one = snapshotOf({ primes: ['10.0.0.1:1'] })
const two = snapshotOf({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] }, one)
const both = ['primes', 'hold']

const summary = (told: readonly Told[]) => told.map(({ type, names }) => [type, names.toSorted().join(' ')])

type Fake = ReturnType<typeof fakeSubscriber>

/** Takes everything that is due, until nothing comes any more; returns all of it. */
function takeAll(fake: Fake, names = both): Told[] {
  const taken: Told[] = []
  for (let news = fake.news(); news.length > 0; news = fake.news()) {
    taken.push(...news)
    for (const { type, nonce } of news) fake.say(type as ResourceType, names, { nonce })
  }
  return taken
}

/** A subscriber to both services that has taken all of `snapshot`. */
function upToDate(snapshot = two, names = both): Fake {
  const fake = fakeSubscriber()
  fake.subscribeToAll(names)
  fake.subscriber.publish(snapshot)
  takeAll(fake, names)
  return fake
}

test('a subscriber that comes before the first snapshot is told of it when there is one', () => {
  const fake = fakeSubscriber()
  fake.say('cluster', ['primes'])
  assert.deepEqual(fake.news(), [])
  fake.subscriber.publish(one)
  assert.deepEqual(summary(fake.news()), [['cluster', 'primes']])
})

test('what is new is told in the order of clusters, endpoints, listeners, routes', () => {
  const fake = fakeSubscriber()
  for (const type of ['route', 'listener', 'endpoints', 'cluster'] as const) fake.say(type, both)
  fake.subscriber.publish(two)
  assert.deepEqual(summary(fake.news()), [
    ['cluster', 'hold primes'],
    ['endpoints', 'hold primes'],
    ['listener', 'hold primes'],
    ['route', 'hold primes'],
  ])
})

test('the next response waits until the stream has taken the one before', () => {
  const fake = fakeSubscriber()
  fake.subscribeToAll(both)
  fake.subscriber.publish(two)
  assert.deepEqual(
    fake.heard.filter(([what]) => what === 'sent'),
    [['sent', 'cluster']],
  )
  fake.subscriber.writable()
  assert.deepEqual(fake.heard.at(-1), ['sent', 'endpoints'])
})

test('clusters that are gone stay until the listeners that named them were replaced', () => {
  const fake = upToDate()
  fake.subscriber.publish(one)
  const [listeners, ...others] = fake.news()
  assert.deepEqual(summary([listeners as Told]), [['listener', 'primes']])
  assert.deepEqual(others, [])
  fake.say('listener', both, { nonce: listeners?.nonce ?? '' })
  assert.deepEqual(summary(fake.news()), [['cluster', 'primes']])
})

test('clusters that are gone stay while the subscriber refuses the listeners that do without them', () => {
  const fake = upToDate(two, ['*'])
  fake.subscriber.publish(one)
  const [refused] = fake.news()
  fake.say('listener', ['*'], { nonce: refused?.nonce ?? '', refusal: 'not this one' })
  assert.deepEqual(fake.news(), [])
  fake.subscriber.publish(snapshotOf({ primes: ['10.0.0.1:1'], more: [] }, one))
  const clusters = summary(takeAll(fake, ['*'])).filter(([type]) => type === 'cluster')
  assert.deepEqual(clusters, [
    ['cluster', 'hold more primes'],
    ['cluster', 'more primes'],
  ])
})

test('clusters stay also when it is the end of all listeners that is refused', () => {
  const fake = upToDate(one, ['*'])
  fake.subscriber.publish(snapshotOf({}))
  const [refused] = fake.news()
  assert.deepEqual(summary([refused as Told]), [['listener', '']])
  fake.say('listener', ['*'], { nonce: refused?.nonce ?? '', refusal: 'one is needed' })
  assert.deepEqual(fake.news(), [])
})

test('in one change what is new comes first and what is gone goes last', () => {
  const fake = upToDate(one)
  fake.subscriber.publish(snapshotOf({ hold: [] }, one))
  assert.deepEqual(summary(takeAll(fake)), [
    ['cluster', 'hold primes'],
    ['endpoints', 'hold'],
    ['listener', 'hold'],
    ['route', 'hold'],
    ['cluster', 'hold'],
  ])
})

test('contents that differ have different versions, also while something is kept', () => {
  const fake = upToDate(one)
  fake.subscriber.publish(snapshotOf({ hold: [] }, one))
  const clusters = takeAll(fake).filter(({ type }) => type === 'cluster')
  assert.equal(clusters.length, 2)
  assert.notEqual(clusters[0]?.version, clusters[1]?.version)
})

test('listeners and routes do not name a cluster that waits behind an unanswered response', () => {
  const fake = fakeSubscriber()
  fake.subscribeToAll(both)
  fake.subscriber.publish(one)
  const first = fake.news()
  for (const { type, nonce } of first) if (type !== 'cluster') fake.say(type as ResourceType, both, { nonce })
  fake.subscriber.publish(two)
  assert.deepEqual(summary(fake.news()), [['endpoints', 'hold']])
  fake.say('cluster', both, { nonce: first[0]?.nonce ?? '' })
  assert.equal(summary(fake.news())[0]?.join(': '), 'cluster: hold primes')
})

test('a subscriber that never answers holds one response of each type, and gets the newest state once it does', () => {
  const fake = fakeSubscriber()
  fake.say('endpoints', ['primes'])
  for (let port = 1; port <= 1000; port += 1) fake.subscriber.publish(snapshotOf({ primes: [`10.0.0.1:${port}`] }))
  const [first, ...others] = fake.news()
  assert.deepEqual(others, [])
  fake.say('endpoints', ['primes'], { nonce: first?.nonce ?? '' })
  const news = fake.news()
  assert.deepEqual(
    news.map(({ version }) => version),
    [snapshotOf({ primes: ['10.0.0.1:1000'] }).of('endpoints').version],
  )
})

test('what a silent subscriber was never sent is not kept for it', () => {
  const fake = fakeSubscriber()
  fake.say('cluster', ['*'])
  fake.say('listener', ['*'])
  fake.subscriber.publish(one)
  const [clusters] = fake.news()
  for (let at = 0; at < 100; at += 1) fake.subscriber.publish(snapshotOf({ [`service-${at}`]: [] }))
  fake.say('cluster', ['*'], { nonce: clusters?.nonce ?? '' })
  assert.deepEqual(summary(fake.news()), [['cluster', 'primes service-99']])
})

test('a refusal is told with its reason, and shown with each resource until a later one is taken', () => {
  const fake = fakeSubscriber()
  fake.say('endpoints', both)
  fake.subscriber.publish(two)
  const [refused] = fake.news()
  fake.say('endpoints', both, { nonce: refused?.nonce ?? '', refusal: 'port 1 is odd' })
  assert.deepEqual(fake.heard.at(-1), ['rejected', 'endpoints', 'port 1 is odd', 'envoy-1'])
  const rejections = (): unknown => [...(fake.subscriber.types[0]?.rejections.keys() ?? [])]
  assert.deepEqual(rejections(), both)
  fake.subscriber.publish(snapshotOf({ primes: ['10.0.0.1:2'], hold: ['10.0.0.2:1'] }, two))
  const [taken] = fake.news()
  fake.say('endpoints', both, { nonce: taken?.nonce ?? '' })
  assert.deepEqual(rejections(), ['hold'])
})

test('how long a subscriber took is counted from what made a response due', (context) => {
  const clock = { nowMs: 0 }
  context.mock.method(performance, 'now', () => clock.nowMs)
  const took: number[] = []
  const fake = fakeSubscriber((tookMs) => took.push(tookMs))
  fake.subscriber.publish(two)
  clock.nowMs = 3_600_000
  fake.say('endpoints', ['primes'])
  const [first] = fake.news()
  clock.nowMs += 5
  fake.subscriber.publish(two)
  clock.nowMs += 2
  fake.say('endpoints', ['primes'], { nonce: first?.nonce ?? '' })
  assert.deepEqual(took, [7])
})

test('types that are not served are told to the operator and answered by nothing', () => {
  const { subscriber, heard, news } = fakeSubscriber()
  const request = { ...worldRequest('cluster', [], { node: 'envoy-1' }), typeUrl: 'type.googleapis.com/no.such.Type' }
  subscriber.receive(Buffer.from(DiscoveryRequest.encode(request).finish()))
  subscriber.publish(one)
  assert.deepEqual(news(), [])
  assert.deepEqual(heard, [['unknown type', 'type.googleapis.com/no.such.Type']])
})

test('a first request needs the id of a node, later ones do not', () => {
  const { say, news, subscriber } = fakeSubscriber()
  assert.throws(() => say('cluster', [], { node: '' }), /node\.id: is empty in the first request of the stream/)
  say('cluster', [], { node: 'envoy-1' })
  say('endpoints', ['primes'], { node: '' })
  subscriber.publish(one)
  assert.equal(news().length, 2)
  assert.equal(subscriber.node?.id, 'envoy-1')
})

test('metadata of a node are not kept, whatever they are', () => {
  const { subscriber } = fakeSubscriber()
  const node = {
    id: 'envoy-1',
    metadata: { a: { b: ['c'] } },
    extensions: [{ name: 'x' }],
    locality: { zone: 'a' },
  }
  const request = DiscoveryRequest.fromPartial({ node, typeUrl: worldRequest('cluster', []).typeUrl })
  subscriber.receive(Buffer.from(DiscoveryRequest.encode(request).finish()))
  assert.deepEqual(
    [subscriber.node?.locality?.zone, subscriber.node?.metadata, subscriber.node?.extensions],
    ['a', undefined, []],
  )
})

test('bytes that are no request are an error that says so', () => {
  const { subscriber } = fakeSubscriber()
  assert.throws(() => subscriber.receive(Buffer.from([0x0a, 0xff])), /request body: 2 bytes are not a DiscoveryRequest/)
})
