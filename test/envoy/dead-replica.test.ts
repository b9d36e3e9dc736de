import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { forkBackend, type ForkedBackend, startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller, type Outcome } from '../support/caller.ts'
import { type Change, needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

// Without health checks: they take half a second, the question is what happens before.
const noHealthChecks: Change = { in: 'cluster', at: 'health_checks', to: [] }
const noEjection: Change = { in: 'cluster', at: 'outlier_detection/consecutive_local_origin_failure', to: 0 }

test('a dead replica is ejected at the first failed connect and costs no call', needsEnvoy, async () => {
  assert.deepEqual(await lostBesideDeadReplica([]), [])
})

test('without ejection a dead replica takes every call while the others are busy', needsEnvoy, async () => {
  assert.equal((await lostBesideDeadReplica([noEjection])).length, 20)
})

test('two replicas killed one after the other under load cost no call', needsEnvoy, async () => {
  assert.deepEqual(await lostToTwoKills([]), [])
})

test('with the default merge window the second killed replica costs calls', needsEnvoy, async () => {
  const calls = await lostToTwoKills([{ in: 'cluster', at: 'common_lb_config/update_merge_window', to: undefined }])
  assert.ok(calls.length > 0)
})

test('without retries on reset a killed replica costs the calls that it has', needsEnvoy, async () => {
  const calls = await lostToKilledHolder(10, { idempotent: false })
  assert.deepEqual(
    new Set(calls),
    new Set(['14 upstream connect error or disconnect/reset before headers. reset reason: connection termination']),
  )
})

test('all that a full replica holds when it is killed is retried', needsEnvoy, async () => {
  assert.deepEqual(await lostToKilledHolder(140, { idempotent: true }), [])
})

test('with a smaller retry budget part of what a full replica holds is lost', needsEnvoy, async () => {
  const least: Change = {
    in: 'cluster',
    at: 'circuit_breakers/thresholds/0/retry_budget/min_retry_concurrency',
    to: 10,
  }
  const calls = await lostToKilledHolder(140, { idempotent: true, changes: [least] })
  assert.ok(calls.length > 0)
})

test('calls that a hung replica holds are retried, and it gets no more', needsEnvoy, async () => {
  await using hung = await forkBackend('hung', { hold: true })
  await using well = await startBackend('well', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [hung.endpoint, well.endpoint] })
  using caller = openCaller(envoy.target)
  const held = caller.callAtOnce(20)
  await eventually(() => assert.ok(hung.inFlight >= 5 && hung.inFlight + well.inFlight === 20))
  await hung.signal('SIGSTOP')
  await eventually(() => assert.equal(well.inFlight, 20))
  well.behave({})
  well.release()
  assert.deepEqual(callsPerPod(await held), { well: 20 })
  assert.deepEqual(callsPerPod(await caller.callInTurn(20)), { well: 20 })
})

/** Calls lost of 20, made while two live replicas have a call each and the third one is dead. */
async function lostBesideDeadReplica(changes: Change[]): Promise<string[]> {
  await using first = await startBackend('first', { hold: true })
  await using second = await startBackend('second', { hold: true })
  const live = [first.endpoint, second.endpoint]
  await using envoy = await startTestEnvoy({ endpoints: live, changes: [noHealthChecks, ...changes] })
  using caller = openCaller(envoy.target)
  const held = [caller.call()]
  await eventually(() => assert.equal(first.inFlight + second.inFlight, 1))
  held.push(caller.call())
  await eventually(() => assert.deepEqual([first.inFlight, second.inFlight], [1, 1]))
  for (const backend of [first, second]) backend.behave({})
  await envoy.setEndpoints([...live, await deadEndpoint()])
  await eventually(async () => assert.equal((await envoy.hosts()).length, 3))
  const outcomes = await caller.callInTurn(20)
  for (const backend of [first, second]) backend.release()
  return lost([...outcomes, ...(await Promise.all(held))])
}

/** An endpoint of which a connect is refused: its server has ended. */
async function deadEndpoint(): Promise<Endpoint> {
  await using backend = await startBackend('dead')
  return backend.endpoint
}

/** Calls lost of a load on three replicas of which two are killed, the second as soon as the first one is out. */
async function lostToTwoKills(changes: Change[]): Promise<string[]> {
  await using first = await forkBackend('first', { delayMs: 20 })
  await using second = await forkBackend('second', { delayMs: 20 })
  await using third = await forkBackend('third', { delayMs: 20 })
  const endpoints = [first, second, third].map(({ endpoint }) => endpoint)
  await using envoy = await startTestEnvoy({ endpoints, changes })
  using caller = openCaller(envoy.target)
  const kills = async () => {
    await killUnderLoad(envoy, first)
    await killUnderLoad(envoy, second)
  }
  return lost(await caller.callUntil(kills(), 20))
}

async function killUnderLoad(envoy: TestEnvoy, victim: ForkedBackend): Promise<void> {
  await eventually(() => assert.ok(victim.inFlight > 0))
  await victim.signal('SIGKILL')
  await eventually(async () => {
    const host = (await envoy.hosts()).find(({ port }) => port === victim.endpoint.port)
    assert.equal(host?.healthy, false)
  })
}

/** Calls lost of those that a replica holds when it is killed, beside two that hold as many. */
async function lostToKilledHolder(
  held: number,
  { idempotent, changes = [] }: { idempotent: boolean; changes?: Change[] },
): Promise<string[]> {
  await using victim = await forkBackend('victim', { hold: true })
  await using second = await startBackend('second', { hold: true })
  await using third = await startBackend('third', { hold: true })
  const endpoints = [victim, second, third].map(({ endpoint }) => endpoint)
  await using envoy = await startTestEnvoy({ endpoints, config: { idempotent }, changes })
  using caller = openCaller(envoy.target)
  const outcomes: Promise<Outcome>[] = []
  // One connection to each first: calls that wait for a connection are not counted as active yet.
  for (const _ of endpoints) {
    outcomes.push(caller.call())
    await eventually(() => assert.equal(victim.inFlight + second.inFlight + third.inFlight, outcomes.length))
  }
  while (outcomes.length < 3 * held) outcomes.push(caller.call())
  await eventually(() => assert.deepEqual([victim.inFlight, second.inFlight, third.inFlight], [held, held, held]))
  await victim.signal('SIGKILL')
  await eventually(async () => {
    const [answered, active] = await Promise.all([
      envoy.stat('http.grpc.downstream_rq_completed'),
      envoy.stat('cluster.replicas.upstream_rq_active'),
    ])
    assert.equal(answered + active, 3 * held)
    assert.equal(second.inFlight + third.inFlight, active)
  })
  for (const backend of [second, third]) {
    backend.behave({})
    backend.release()
  }
  return lost(await Promise.all(outcomes))
}
