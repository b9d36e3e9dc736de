import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { type ClientReadableStream, status } from '@grpc/grpc-js'
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
  HealthService,
} from '../../gen/health/v1/health.ts'
import { adsClient, deltaStream, worldStream } from '../support/ads-client.ts'
import { deltaRequest, worldRequest } from '../support/ads-requests.ts'
import { callUnary } from '../support/call.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { eventually } from '../support/eventually.ts'
import { handlesClose } from '../support/handles-close.ts'
import { memorySource } from '../support/memory-source.ts'
import { connect } from '../support/service.ts'
import { servicesAt } from '../support/world.ts'

const node = 'envoy-1'
const services = servicesAt({ primes: ['10.0.0.1:1'] })

async function healthAt(address: string, service = ''): Promise<Serving | undefined> {
  using client = connect(HealthClient, address)
  return (await callUnary(client, HealthService.check, { request: { service } })).response?.status
}

/** Statuses of a watch as they come, until its call ends. */
function watched(call: ClientReadableStream<HealthCheckResponse>): Serving[] {
  const seen: Serving[] = []
  call.on('data', (response: HealthCheckResponse) => seen.push(response.status)).on('error', () => {})
  return seen
}

test('an instance is NOT_SERVING until its source has told something, on both ports', async () => {
  const source = memorySource()
  await using controlPlane = await startControlPlane(source)
  const { address, healthAddress } = controlPlane
  const service = 'envoy.service.discovery.v3.AggregatedDiscoveryService'
  const health = () => Promise.all([healthAt(address), healthAt(address, service), healthAt(healthAddress)])
  assert.deepEqual(await health(), [Serving.NOT_SERVING, Serving.NOT_SERVING, Serving.NOT_SERVING])
  source.fail(new Error('no such file'))
  assert.equal(await healthAt(healthAddress), Serving.NOT_SERVING)
  source.tell(services)
  assert.deepEqual(await health(), [Serving.SERVING, Serving.SERVING, Serving.SERVING])
})

test('a source that fails after it told something leaves an instance SERVING', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  source.fail(new Error('no such file'))
  assert.equal(await healthAt(controlPlane.healthAddress), Serving.SERVING)
})

test('a drain ends every stream with UNAVAILABLE, and leaves nothing open', async () => {
  const controlPlane = await startControlPlane(memorySource(services))
  {
    using client = adsClient(controlPlane.address)
    using world = worldStream(client)
    using delta = deltaStream(client)
    world.say(worldRequest('cluster', [], { node }))
    delta.say(deltaRequest('cluster', {}, { node }))
    await Promise.all([world.next(), delta.next()])
    await controlPlane.drain()
    for (const { code, details } of await Promise.all([world.ended, delta.ended])) {
      assert.equal(code, status.UNAVAILABLE)
      assert.match(details, /this instance leaves; connect to another one/)
    }
  }
  assert.equal(controlPlane.lifecycle.state, 'stopped')
  await handlesClose()
})

test('a watch of the health does not hold up a drain', async () => {
  const controlPlane = await startControlPlane(memorySource(services), '--drain-timeout-ms=600000')
  using client = connect(HealthClient, controlPlane.address)
  const seen = watched(client.watch({ service: '' }))
  await eventually(() => assert.deepEqual(seen, [Serving.SERVING]))
  await controlPlane.drain()
  assert.deepEqual(seen, [Serving.SERVING, Serving.NOT_SERVING])
})

test('a stream that begins while an instance leaves is sent elsewhere', async () => {
  const controlPlane = await startControlPlane(memorySource(services), '--drain-timeout-ms=600000')
  using client = adsClient(controlPlane.address)
  using first = worldStream(client)
  first.say(worldRequest('cluster', [], { node }))
  await first.next()
  const ending = controlPlane.ads.endAll()
  using late = worldStream(client)
  assert.equal((await late.ended).code, status.UNAVAILABLE)
  await ending
  await controlPlane.drain()
})

test('a subscriber that does not let go is cut when the drain is hurried', async () => {
  const controlPlane = await startControlPlane(memorySource(services), '--drain-timeout-ms=600000')
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node }))
  await world.next()
  await controlPlane.drain(AbortSignal.abort())
  assert.equal((await world.ended).code, status.UNAVAILABLE)
})

test('an instance that is disposed while it waits for its source ends', async () => {
  const controlPlane = await startControlPlane(memorySource())
  await controlPlane[Symbol.asyncDispose]()
  await handlesClose()
})

test('an instance whose port is taken says so, and leaves nothing open', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const place = taken.address()
  assert.ok(place !== null && typeof place === 'object')
  await assert.rejects(
    startControlPlane(memorySource(services), `--port=${place.port}`),
    /cannot listen on 127\.0\.0\.1:\d+: .*choose another port or stop what has it/,
  )
  taken.close()
  await handlesClose()
})
