import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { echoPath, startBackend } from '../support/backend.ts'
import { type Caller, lost, openCaller } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor, startHoldProcess } from '../support/hold.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'

test('more than a thousand calls in flight are a matter for the replicas, not for Envoy', needsEnvoy, async () => {
  assert.deepEqual(await lostOfManyHeld([]), [])
})

test('by default Envoy would refuse calls above 1024 in flight', needsEnvoy, async () => {
  const breaker: Change = { in: 'cluster', at: 'circuit_breakers/thresholds/0/max_requests', to: undefined }
  assert.ok((await lostOfManyHeld([breaker])).length > 0)
})

test('connections above the limit are refused, readiness is still told', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  const at = 'overload_manager/resource_monitors/0/typed_config/max_active_downstream_connections'
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], changes: [{ in: 'bootstrap', at, to: 1 }] })
  using first = openCaller(envoy.target)
  using second = openCaller(envoy.target)
  assert.equal((await first.call()).code, status.OK)
  assert.equal((await second.call()).code, status.UNAVAILABLE)
  assert.equal((await fetch(`${envoy.readyUrl}/ready`)).status, 200)
})

test(
  'too many or too large headers, and names with underscores, are refused and cost no connection',
  needsEnvoy,
  async () => {
    await using backend = await startBackend('backend')
    await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
    using caller = openCaller(envoy.target)
    for (const metadata of [manyHeaders(70), { 'x-large': 'x'.repeat(20_000) }, { with_underscore: 'x' }]) {
      assert.notEqual((await caller.call({ metadata })).code, status.OK)
    }
    assert.equal(backend.attempts, 0)
    assert.equal((await caller.call()).code, status.OK)
  },
)

test('headers that Envoy lets through are not too many or too large for a replica', needsEnvoy, async () => {
  await using replica = await startHoldProcess()
  await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint] })
  using client = holdClient(envoy.target)
  const many = Array.from({ length: 32 }, (_, index) => manyHeaders(index + 24))
  const large = Array.from({ length: 32 }, (_, index) => ({ 'x-large': 'x'.repeat(600 * index) }))
  const outcomes = []
  for (const metadata of [...many, ...large]) outcomes.push(await holdFor(client, 0, { metadata }))
  const codes = new Set(outcomes.map(({ code }) => code))
  // INTERNAL is how a caller sees that Envoy refused its headers.
  assert.deepEqual(codes, new Set([status.OK, status.INTERNAL]))
})

function manyHeaders(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'x']))
}

/** Calls lost of 1100 that two replicas hold at the same time. */
async function lostOfManyHeld(changes: Change[]): Promise<string[]> {
  await using first = await startBackend('first', { hold: true })
  await using second = await startBackend('second', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [first.endpoint, second.endpoint], changes })
  using one = openCaller(envoy.target)
  using other = openCaller(envoy.target)
  const held = [one, other].map((caller: Caller) => caller.callAtOnce(550))
  await eventually(async () => {
    const ended = await envoy.stat('http.grpc.downstream_rq_completed')
    assert.equal(first.inFlight + second.inFlight + ended, 1100)
  })
  for (const backend of [first, second]) backend.release()
  return lost((await Promise.all(held)).flat())
}

test('when the heap fills, calls that hold most of it are ended first, and small ones go on', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], config: { maxHeapBytes: 96 * 2 ** 20 } })
  using caller = openCaller(envoy.target)
  const small = caller.callAtOnce(5)
  await eventually(() => assert.equal(backend.inFlight, 5))
  using hostile = await rawConnection(envoy.target)
  hostile.setMaxListeners(0)
  const unfinished = frame(Buffer.alloc(65_000)).subarray(0, 60_000)
  for (let count = 0; count < 900; count += 1) rawStream(hostile, { path: echoPath }).write(unfinished)
  await eventually(async () => {
    assert.ok((await envoy.stat('envoy.overload_actions.reset_high_memory_stream.count')) > 0)
  })
  backend.release()
  assert.deepEqual(lost(await small), [])
})
