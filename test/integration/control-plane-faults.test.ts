import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { status } from '@grpc/grpc-js'
import { AggregatedDiscoveryServiceService } from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import { DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { publishOrder } from '../../control-plane/resources/resource.ts'
import { adsClient, bytesStream, deltaStream, worldStream } from '../support/ads-client.ts'
import { deltaRequest, worldRequest } from '../support/ads-requests.ts'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts'
import { localitiesOf } from '../support/decode-resource.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { settledHeapBytes } from '../support/settled-heap.ts'
import { servicesAt, snapshotOf } from '../support/world.ts'

const node = 'envoy-1'
const services = servicesAt({ primes: ['10.0.0.1:1'] })

/** That an honest subscriber is told the newest state, whatever others did. */
async function stillServes({ address }: TestControlPlane, place = '10.0.0.1:1'): Promise<void> {
  using client = adsClient(address)
  using world = worldStream(client)
  world.say(worldRequest('endpoints', ['primes'], { node: 'honest' }))
  const [told] = (await world.next()).resources
  assert.deepEqual(
    localitiesOf(told ?? assert.fail()).flatMap(({ places }) => places),
    [place],
  )
}

const withoutNode = DiscoveryRequest.encode(worldRequest('cluster', [])).finish()
/** A request whose node has metadata that nest this deep. */
function nested(levels: number): Buffer {
  const heads: Buffer[] = []
  let length = 0
  const around = (tag: number): void => {
    const head = Buffer.from(
      new BinaryWriter()
        .uint32((tag << 3) | 2)
        .uint32(length)
        .finish(),
    )
    heads.push(head)
    length += head.byteLength
  }
  // DiscoveryRequest.node is field 2, Node.metadata 3, Struct.fields 1 with the value 2, Value.struct_value 5.
  for (let level = 0; level < levels; level += 1) for (const tag of level === 0 ? [2, 1] : [5, 2, 1]) around(tag)
  for (const tag of [3, 2]) around(tag)
  return Buffer.concat(heads.toReversed())
}

/** A node whose metadata, a Struct, ends in the middle of an entry. */
const brokenMetadata = Buffer.from([0x12, 0x06, 0x0a, 0x01, 0x61, 0x1a, 0x01, 0x0a])

for (const { what, bytes, answer } of [
  {
    what: 'bytes that are no request',
    bytes: Buffer.from([0xff, 0xff, 0xff]),
    answer: /3 bytes are not a DiscoveryRe/,
  },
  { what: 'a node with broken metadata', bytes: brokenMetadata, answer: /8 bytes are not a DiscoveryRequest/ },
  { what: 'no node', bytes: Buffer.from(withoutNode), answer: /node\.id: is empty in the first request/ },
  { what: 'nothing at all', bytes: Buffer.alloc(0), answer: /node\.id: is empty in the first request/ },
]) {
  test(`a stream that begins with ${what} ends with INVALID_ARGUMENT and costs nobody else anything`, async () => {
    await using controlPlane = await startControlPlane(memorySource(services))
    using client = adsClient(controlPlane.address)
    using raw = bytesStream(client)
    raw.say(bytes)
    const { code, details } = await raw.ended
    assert.equal(code, status.INVALID_ARGUMENT)
    assert.match(details, answer)
    await stillServes(controlPlane)
  })
}

test('a node may bring anything as an extension or metadata: nobody looks at it', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  const request = worldRequest('endpoints', ['primes'])
  const deep = Array.from({ length: 20 }).reduce<object>((inner) => ({ inner }), {
    typeUrl: 'no.such/Type',
    value: 'x',
  })
  world.say(
    DiscoveryRequest.fromPartial({ ...request, node: { id: node, metadata: { deep }, clientFeatures: ['no-such'] } }),
  )
  assert.equal((await world.next()).resources.length, 1)
})

test('metadata nested without end end that stream only', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using raw = bytesStream(client)
  raw.say(nested(20_000))
  assert.equal((await raw.ended).code, status.INVALID_ARGUMENT)
  await stillServes(controlPlane)
})

test('a type that is not served is not answered, and the stream goes on', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  for (const typeUrl of ['type.googleapis.com/no.such.Type', '', 'x'.repeat(100_000)]) {
    world.say({ ...worldRequest('cluster', [], { node }), typeUrl })
  }
  world.say(worldRequest('endpoints', ['primes']))
  assert.equal((await world.next()).nonce, '1')
  assert.deepEqual(world.waiting, [])
})

test('a subscriber that never answers costs one response, and others nothing', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using silent = worldStream(client)
  silent.say(worldRequest('endpoints', ['primes'], { node }))
  const { nonce } = await silent.next()
  for (let port = 2; port <= 6; port += 1) {
    source.tell(servicesAt({ primes: [`10.0.0.1:${port}`] }))
    await eventually(() => stillServes(controlPlane, `10.0.0.1:${port}`))
  }
  assert.deepEqual(silent.waiting, [])
  silent.say(worldRequest('endpoints', ['primes'], { nonce }))
  const [newest] = (await silent.next()).resources
  assert.deepEqual(
    localitiesOf(newest ?? assert.fail()).flatMap(({ places }) => places),
    ['10.0.0.1:6'],
  )
})

test('a subscriber that answers but does not read holds one response, not a backlog', async () => {
  const many = (octet: number) => Array.from({ length: 3000 }, (_, at) => `10.${octet}.${at >> 8}.${at & 255}:1`)
  const source = memorySource(servicesAt({ primes: many(0) }))
  await using controlPlane = await startControlPlane(source)
  // Its flow-control window is left at the 64 KB that HTTP/2 begins with.
  using connection = await rawConnection(controlPlane.address)
  const stream = rawStream(connection, {
    path: AggregatedDiscoveryServiceService.streamAggregatedResources.path,
    paused: true,
  })
  const say = (nonce: string): void => {
    const request = worldRequest('endpoints', ['primes'], { node, nonce })
    stream.write(frame(Buffer.from(DiscoveryRequest.encode(request).finish())))
  }
  say('')
  await eventually(() => assert.equal(controlPlane.ads.streams[0]?.types[0]?.sentVersion.length, 12))
  const before = settledHeapBytes()
  for (let at = 1; at <= 50; at += 1) {
    say(String(at))
    controlPlane.ads.publish(snapshotOf({ primes: many(at) }))
  }
  const grown = settledHeapBytes() - before
  assert.ok(grown < 10_000_000, `the heap grew by ${grown} bytes`)
})

test('a subscriber that refuses everything is counted and shown, and its stream stays', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('endpoints', ['primes'], { node }))
  for (let port = 2; port <= 5; port += 1) {
    const { nonce } = await world.next()
    world.say(worldRequest('endpoints', ['primes'], { nonce, refusal: `not with ${port}` }))
    source.tell(servicesAt({ primes: [`10.0.0.1:${port}`] }))
  }
  await world.next()
  const [stream] = controlPlane.ads.streams
  assert.equal(stream?.types[0]?.rejections.get('primes')?.reason, 'not with 5')
  await stillServes(controlPlane, '10.0.0.1:5')
})

test('a subscriber that connects again and again, as fast as it can, leaves nothing behind', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  for (let at = 0; at < 300; at += 1) {
    using client = adsClient(controlPlane.address)
    using stream = worldStream(client)
    stream.say(worldRequest('endpoints', ['primes'], { node }))
    await stream.next()
  }
  await eventually(() => assert.deepEqual(controlPlane.ads.streams, []))
  await stillServes(controlPlane)
})

test('streams above the limit are refused, and taken again once one has left', async () => {
  await using controlPlane = await startControlPlane(memorySource(services), '--max-subscribers=2')
  using client = adsClient(controlPlane.address)
  using first = worldStream(client)
  using second = deltaStream(client)
  first.say(worldRequest('cluster', [], { node }))
  second.say(deltaRequest('cluster', {}, { node }))
  await Promise.all([first.next(), second.next()])
  using third = worldStream(client)
  const { code, details } = await third.ended
  assert.equal(code, status.RESOURCE_EXHAUSTED)
  assert.match(details, /2 subscribers are connected, no more are taken; connect to another instance/)
  first.cancel()
  await eventually(() => stillServes(controlPlane))
})

test('a stream that ends for what it sent says why, also while there is more to tell it', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using raw = bytesStream(client)
  for (const type of publishOrder) {
    raw.say(Buffer.from(DiscoveryRequest.encode(worldRequest(type, ['primes'], { node })).finish()))
  }
  for (let at = 0; at < 100; at += 1) raw.say(Buffer.from([0xff]))
  const { code, details } = await raw.ended
  assert.equal(code, status.INVALID_ARGUMENT)
  assert.match(details, /1 bytes are not a DiscoveryRequest/)
  await stillServes(controlPlane)
})
