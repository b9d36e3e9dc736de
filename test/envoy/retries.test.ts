import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { startBackend } from '../support/backend.ts'
import { type CallOptions, lost, openCaller, type Outcome } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy, type TestEnvoyOptions } from '../support/envoy.ts'

const overWindow = Buffer.alloc(200 * 1024, 'x')
/** Of a workload that takes such messages. */
const config = { maxMessageBytes: overWindow.byteLength }

test('a replica that says UNAVAILABLE costs no call', needsEnvoy, async () => {
  const { outcomes, attempts } = await callBesideLeavingReplica()
  assert.deepEqual(lost(outcomes), [])
  assert.ok(attempts > 0)
})

test(
  'the largest message of a workload is repeated as well, above the stream window, as it was',
  needsEnvoy,
  async () => {
    const { outcomes, attempts } = await callBesideLeavingReplica({ config }, { body: overWindow })
    assert.ok(attempts > 0)
    assert.ok(outcomes.every(({ body }) => body?.equals(overWindow)))
  },
)

test('without a buffer of their own such requests are not repeated', needsEnvoy, async () => {
  const small: Change = { in: 'host', at: 'request_body_buffer_limit', to: undefined }
  const { outcomes } = await callBesideLeavingReplica({ config, changes: [small] }, { body: overWindow })
  assert.ok(lost(outcomes).length > 0)
})

test('larger ones pass, and are not repeated: so much of a call Envoy does not keep', needsEnvoy, async () => {
  const { outcomes, attempts } = await callBesideLeavingReplica({}, { body: overWindow })
  assert.equal(lost(outcomes).length, attempts)
  assert.ok(outcomes.some(({ body }) => body?.equals(overWindow)))
})

test('a refusal reaches the caller with its pushback and is not repeated', needsEnvoy, async () => {
  await using full = await startBackend('full', { status: status.RESOURCE_EXHAUSTED, pushbackMs: 40 })
  await using envoy = await startTestEnvoy({ endpoints: [full.endpoint] })
  using caller = openCaller(envoy.target)
  const { code, trailers } = await caller.call()
  assert.equal(code, status.RESOURCE_EXHAUSTED)
  assert.deepEqual(trailers.get('grpc-retry-pushback-ms'), ['40'])
  assert.equal(full.attempts, 1)
})

test('a caller cannot make Envoy repeat a call', needsEnvoy, async () => {
  await using failing = await startBackend('failing', { status: status.INTERNAL })
  await using envoy = await startTestEnvoy({ endpoints: [failing.endpoint] })
  using caller = openCaller(envoy.target)
  const metadata = {
    'x-envoy-retry-on': '5xx,internal',
    'x-envoy-retry-grpc-on': 'internal',
    'x-envoy-max-retries': '9',
  }
  assert.equal((await caller.call({ metadata })).code, status.INTERNAL)
  assert.equal(failing.attempts, 1)
})

test('a call that every replica declines is tried six times and no more', needsEnvoy, async () => {
  await using leaving = await startBackend('leaving', { status: status.UNAVAILABLE })
  await using envoy = await startTestEnvoy({ endpoints: [leaving.endpoint] })
  using caller = openCaller(envoy.target)
  assert.equal((await caller.call()).code, status.UNAVAILABLE)
  assert.equal(leaving.attempts, 6)
})

/** 30 calls in turn at two replicas of which one says UNAVAILABLE, and how many attempts that one saw. */
async function callBesideLeavingReplica(
  place: Pick<TestEnvoyOptions, 'config' | 'changes'> = {},
  options: CallOptions = {},
): Promise<{ outcomes: Outcome[]; attempts: number }> {
  await using staying = await startBackend('staying')
  await using leaving = await startBackend('leaving', { status: status.UNAVAILABLE })
  await using envoy = await startTestEnvoy({ endpoints: [staying.endpoint, leaving.endpoint], ...place })
  using caller = openCaller(envoy.target)
  return { outcomes: await caller.callInTurn(30, options), attempts: leaving.attempts }
}
