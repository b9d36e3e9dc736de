import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Backend, startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy, type TestEnvoyOptions } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

test('the calls of one connection are spread over all replicas', needsEnvoy, async () => {
  await using fleet = await startFleet(3)
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints })
  using caller = openCaller(envoy.target)
  const counts = callsPerPod(await caller.callInTurn(300))
  assert.deepEqual(Object.keys(counts).toSorted(), ['replica-0', 'replica-1', 'replica-2'])
  // A fair choice among three idle replicas stays above 57 in all but one of a million runs.
  assert.ok(Math.min(...Object.values(counts)) > 57, JSON.stringify(counts))
})

test('behind the TCP listener all calls of one connection stay at one replica', needsEnvoy, async () => {
  await using fleet = await startFleet(3)
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints })
  using caller = openCaller(envoy.tcpTarget)
  const outcomes = await caller.callInTurn(60)
  assert.deepEqual(lost(outcomes), [])
  assert.equal(Object.keys(callsPerPod(outcomes)).length, 1)
})

test('a call goes to an idle replica as long as there is one', needsEnvoy, async () => {
  assert.equal(await callsToBusyReplica('least_request_full_scan'), 0)
})

test('with two choices or in turn calls go to a busy replica beside idle ones', needsEnvoy, async () => {
  assert.ok((await callsToBusyReplica('least_request_two_choices')) > 0)
  assert.ok((await callsToBusyReplica('round_robin')) > 0)
})

test('calls that are held are dealt out to the last one evenly', needsEnvoy, async () => {
  await using fleet = await startFleet(3)
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(30)
  fleet.hold()
  const held = caller.callAtOnce(90)
  await eventually(() => assert.deepEqual(fleet.inFlight(), [30, 30, 30]))
  fleet.release()
  assert.deepEqual(lost(await held), [])
})

/** Of 90 calls in turn, those that go to the one of three replicas that has a call already. */
async function callsToBusyReplica(
  balancing: NonNullable<NonNullable<TestEnvoyOptions['config']>['balancing']>,
): Promise<number> {
  await using fleet = await startFleet(3)
  await using envoy = await startTestEnvoy({ endpoints: fleet.endpoints, config: { balancing } })
  using caller = openCaller(envoy.target)
  fleet.hold()
  const held = caller.call()
  const busy = await eventually(() => {
    const found = fleet.backends.find(({ inFlight }) => inFlight === 1)
    assert.ok(found)
    return found
  })
  for (const backend of fleet.backends) backend.behave({})
  const counts = callsPerPod(await caller.callInTurn(90))
  fleet.release()
  await held
  return counts[busy.name] ?? 0
}

interface Fleet extends AsyncDisposable {
  backends: Backend[]
  endpoints: Backend['endpoint'][]
  inFlight(): number[]
  hold(): void
  release(): void
}

async function startFleet(size: number): Promise<Fleet> {
  const backends = await Promise.all(Array.from({ length: size }, (_, index) => startBackend(`replica-${index}`)))
  return {
    backends,
    endpoints: backends.map(({ endpoint }) => endpoint),
    inFlight: () => backends.map(({ inFlight }) => inFlight),
    hold: () => backends.forEach((backend) => backend.behave({ hold: true })),
    release: () => backends.forEach((backend) => backend.release()),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(backends.map((backend) => backend[Symbol.asyncDispose]()))
    },
  }
}
