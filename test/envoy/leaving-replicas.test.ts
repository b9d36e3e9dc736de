import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tally } from '../../cli/spread/tally.ts'
import { needsEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startFleetPlace } from '../support/fleet-place.ts'

test('replacing all replicas twice loses no call, even without any retry of the caller', needsEnvoy, async () => {
  await using place = await startFleetPlace(2)
  const tally = await place.loadDuring(async () => {
    await place.fleet.restart()
    await place.fleet.restart()
  })
  assertAllAnswered(tally)
  assert.deepEqual(
    place.fleet.replicas.map(({ name }) => name),
    ['replica-5', 'replica-6'],
  )
})

test('scaling from four replicas to one and back loses no call', needsEnvoy, async () => {
  await using place = await startFleetPlace(4)
  const tally = await place.loadDuring(async () => {
    // All at once, as when a smaller number is asked of a Deployment.
    await Promise.all([place.fleet.remove(), place.fleet.remove(), place.fleet.remove()])
    for (let count = 1; count < 4; count += 1) await place.fleet.add()
  })
  assertAllAnswered(tally)
  for (const { name } of place.fleet.replicas) assert.ok((tally.pods.get(name)?.calls ?? 0) > 0, name)
})

test('replicas killed one after the other lose nothing but calls cut after their headers', needsEnvoy, async () => {
  await using place = await startFleetPlace(3)
  const { sent, ok, lost, cut, refused, errorsByCode } = await place.loadDuring(async () => {
    for (const victim of place.fleet.replicas) {
      victim.kill('SIGKILL')
      await victim.exited
      await eventually(() =>
        assert.ok(place.fleet.replicas.some(({ name, pid }) => name === victim.name && pid !== victim.pid)),
      )
    }
  })
  assert.deepEqual(place.crashes, ['replica-1 SIGKILL', 'replica-2 SIGKILL', 'replica-3 SIGKILL'])
  assert.deepEqual([lost - cut, refused], [0, 0], JSON.stringify([...errorsByCode]))
  assert.equal(ok + cut, sent)
})

function assertAllAnswered({ ok, sent, errorsByCode }: Tally): void {
  assert.deepEqual([...errorsByCode], [])
  assert.equal(ok, sent)
}
