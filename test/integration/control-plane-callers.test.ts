import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../control-plane/sources/source.ts'
import { hold } from '../../examples/hold/workload.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { startService } from '../support/service.ts'
import { startXdsCaller, type XdsCaller } from '../support/xds-caller.ts'
import { readyAt } from '../support/world.ts'

const startReplica = (pod: string) => startService(hold, `--pod-name=${pod}`, '--workers=1')

const evenkeel = (...endpoints: Endpoint[]) => new Map([['evenkeel', endpoints]])

const callsOf = async (caller: XdsCaller, pod: string): Promise<number> => (await caller.report()).callsByPod[pod] ?? 0

/** That a replica is called from now on. */
async function getsCalls(caller: XdsCaller, pod: string): Promise<void> {
  const before = await callsOf(caller, pod)
  await eventually(async () => assert.ok((await callsOf(caller, pod)) > before + 20, `${pod} gets no calls`))
}

test('a caller without a proxy loses no call while replicas come and go', async () => {
  await using one = await startReplica('one')
  await using two = await startReplica('two')
  const [first, second] = [readyAt(one.address), readyAt(two.address)]
  const source = memorySource(evenkeel(first))
  await using controlPlane = await startControlPlane(source)
  await using caller = startXdsCaller('evenkeel', { controlPlane: controlPlane.address })
  await getsCalls(caller, 'one')
  for (let round = 0; round < 3; round += 1) {
    source.tell(evenkeel(first, second))
    await Promise.all([getsCalls(caller, 'one'), getsCalls(caller, 'two')])
    source.tell(evenkeel(first, { ...second, state: 'terminating' }))
    await getsCalls(caller, 'one')
    source.tell(evenkeel(second))
    await getsCalls(caller, 'two')
  }
  await one.drain()
  await getsCalls(caller, 'two')
  assert.deepEqual((await caller.report()).failures, [])
  const [status] = controlPlane.ads.streams
  assert.equal(status?.node?.id, 'caller-1')
  assert.deepEqual(
    status.types.map(({ type, rejections }) => [type, rejections.size]),
    [
      ['listener', 0],
      ['route', 0],
      ['cluster', 0],
      ['endpoints', 0],
    ],
  )
})

test('a caller goes on with what it knows while there is no control plane, and hears of changes from the next one', async () => {
  await using one = await startReplica('one')
  await using two = await startReplica('two')
  const first = await startControlPlane(memorySource(evenkeel(readyAt(one.address))))
  await using caller = startXdsCaller('evenkeel', { controlPlane: first.address })
  await getsCalls(caller, 'one')
  await first.drain()
  await getsCalls(caller, 'one')
  const next = memorySource(evenkeel(readyAt(one.address), readyAt(two.address)))
  await using second = await startControlPlane(next, `--port=${first.ports.ads}`)
  await getsCalls(caller, 'two')
  assert.equal(second.ads.streams.length, 1)
  assert.deepEqual((await caller.report()).failures, [])
})

test('a caller calls its own zone only, as long as that has replicas', async () => {
  await using near = await startReplica('near')
  await using far = await startReplica('far')
  const source = memorySource(evenkeel(readyAt(near.address, 'a'), readyAt(far.address, 'b')))
  await using controlPlane = await startControlPlane(source, '--zones=prefer')
  await using caller = startXdsCaller('evenkeel', { controlPlane: controlPlane.address, zone: 'a' })
  await getsCalls(caller, 'near')
  assert.equal(await callsOf(caller, 'far'), 0)
  source.tell(evenkeel(readyAt(far.address, 'b')))
  await getsCalls(caller, 'far')
  assert.deepEqual((await caller.report()).failures, [])
})
