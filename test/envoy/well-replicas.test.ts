import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type Behaviour, startBackend } from '../support/backend.ts'
import { callsPerPod, openCaller } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

test('calls of a method that no replica has eject nobody', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  using caller = openCaller(envoy.target)
  const outcomes = await caller.callInTurn(20, { path: '/no.such.v1.Service/Method' })
  assert.deepEqual(new Set(outcomes.map(({ code }) => code)), new Set([status.UNIMPLEMENTED]))
  assert.equal(await ejections(envoy), 0)
})

test('with the default count of failures in a row they would eject a replica', needsEnvoy, async () => {
  const counted: Change = { in: 'cluster', at: 'outlier_detection/consecutive_5xx', to: 5 }
  assert.ok((await ejectionsByAnswers([counted], { status: status.UNIMPLEMENTED })) > 0)
})

test('replicas that answer DEADLINE_EXCEEDED are not ejected', needsEnvoy, async () => {
  assert.equal(await ejectionsByAnswers([], { status: status.DEADLINE_EXCEEDED }), 0)
})

test('if gateway failures were enforced, they would be', needsEnvoy, async () => {
  const enforced: Change = {
    in: 'cluster',
    at: 'outlier_detection/enforcing_consecutive_gateway_failure',
    to: 100,
  }
  assert.ok((await ejectionsByAnswers([enforced], { status: status.DEADLINE_EXCEEDED })) > 0)
})

test('a replica is not ejected because it knows a method less than the others', needsEnvoy, async () => {
  assert.equal(await ejectionsByDifference([]), 0)
})

test('by the default success rate such a replica would be ejected', needsEnvoy, async () => {
  const judged: Change = { in: 'cluster', at: 'outlier_detection/enforcing_success_rate', to: undefined }
  assert.ok((await ejectionsByDifference([judged])) > 0)
})

test('a replica that says NOT_SERVING gets no more calls, and gets them again once it serves', needsEnvoy, async () => {
  await using draining = await startBackend('draining')
  await using other = await startBackend('other')
  await using envoy = await startTestEnvoy({ endpoints: [draining.endpoint, other.endpoint] })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(2)
  draining.setHealth('NOT_SERVING')
  await eventually(async () => assert.equal(await envoy.stat('cluster.replicas.membership_healthy'), 1))
  assert.deepEqual(callsPerPod(await caller.callInTurn(30)), { other: 30 })
  draining.setHealth('SERVING')
  await eventually(async () => assert.equal(await envoy.stat('cluster.replicas.membership_healthy'), 2))
  assert.ok((callsPerPod(await caller.callInTurn(50))['draining'] ?? 0) > 0)
})

/** Ejections after 20 calls that two replicas answer like this. */
async function ejectionsByAnswers(changes: Change[], behaviour: Behaviour): Promise<number> {
  await using first = await startBackend('first', behaviour)
  await using second = await startBackend('second', behaviour)
  await using envoy = await startTestEnvoy({ endpoints: [first.endpoint, second.endpoint], changes })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(20)
  return await ejections(envoy)
}

/** Ejections once Envoy has noticed that four replicas answer all calls and the fifth one none. */
async function ejectionsByDifference(changes: Change[]): Promise<number> {
  await using older = await startBackend('older', { status: status.UNIMPLEMENTED })
  await using a = await startBackend('a')
  await using b = await startBackend('b')
  await using c = await startBackend('c')
  await using d = await startBackend('d')
  const endpoints = [older, a, b, c, d].map(({ endpoint }) => endpoint)
  await using envoy = await startTestEnvoy({ endpoints, changes, config: { balancing: 'round_robin' } })
  using caller = openCaller(envoy.target)
  // Envoy notices in any case; the question is whether it acts.
  const noticed = eventually(async () => {
    assert.ok((await envoy.stat('cluster.replicas.outlier_detection.ejections_detected_success_rate')) > 0)
  })
  await caller.callUntil(noticed, 10)
  return await ejections(envoy)
}

function ejections(envoy: TestEnvoy): Promise<number> {
  return envoy.stat('cluster.replicas.outlier_detection.ejections_enforced_total')
}
