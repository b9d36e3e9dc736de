import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { startBackend } from '../support/backend.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { openControlPlane } from '../support/local-control-plane.ts'

for (const protocol of ['DELTA_GRPC', 'GRPC'] as const) {
  test(
    `endpoints that come and go are pushed by ${protocol}, none is refused, no call is lost`,
    needsEnvoy,
    async () => {
      await using first = await startBackend('first')
      await using second = await startBackend('second')
      await using controlPlane = await openControlPlane()
      await controlPlane.publish([first.endpoint])
      const { host, port } = controlPlane
      await using envoy = await startTestEnvoy({ config: { controlPlane: { host, port, protocol } } })
      using caller = openCaller(envoy.target)
      const enough = Promise.withResolvers<void>()
      const load = caller.callUntil(enough.promise, 4)
      for (let change = 0; change < 10; change += 1) {
        const endpoints = [[first, second], [second], [first]][change % 3] ?? []
        await controlPlane.publish(endpoints.map(({ endpoint }) => endpoint))
        await knows(
          envoy,
          endpoints.map(({ endpoint }) => endpoint),
        )
      }
      enough.resolve()
      const outcomes = await load
      assert.deepEqual(lost(outcomes), [])
      assert.deepEqual(Object.keys(callsPerPod(outcomes)).toSorted(), ['first', 'second'])
      assert.equal(await envoy.stat('cluster.replicas.update_rejected'), 0)
    },
  )
}

test('an Envoy is not ready before a control plane has told it where the replicas are', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  const { host, port } = await portOfAnEndedControlPlane()
  const starting = startTestEnvoy({ config: { controlPlane: { host, port } } })
  let started = false
  void starting.then(() => {
    started = true
  })
  // It has tried by then: its first attempts are a tenth of a second apart.
  await using controlPlane = await openControlPlane({ port })
  assert.equal(started, false)
  await controlPlane.publish([backend.endpoint])
  await using envoy = await starting
  using caller = openCaller(envoy.target)
  assert.deepEqual(lost(await caller.callInTurn(5)), [])
})

test(
  'without a control plane Envoy goes on with what it knows, and hears of changes when it is back',
  needsEnvoy,
  async () => {
    await using first = await startBackend('first')
    await using second = await startBackend('second')
    await using controlPlane = await openControlPlane()
    await controlPlane.publish([first.endpoint])
    const { host, port } = controlPlane
    await using envoy = await startTestEnvoy({ config: { controlPlane: { host, port } } })
    using caller = openCaller(envoy.target)
    const back = Promise.withResolvers<void>()
    const load = caller.callUntil(back.promise, 2)
    process.kill(controlPlane.pid, 'SIGKILL')
    await eventually(async () => assert.equal(await envoy.stat('control_plane.connected_state'), 0))
    await controlPlane.publish([second.endpoint])
    await knows(envoy, [second.endpoint])
    back.resolve()
    assert.deepEqual(lost(await load), [])
    assert.deepEqual(callsPerPod(await caller.callInTurn(10)), { second: 10 })
  },
)

/** Resolves when Envoy has exactly these endpoints and finds them well. */
async function knows(envoy: TestEnvoy, endpoints: readonly Endpoint[]): Promise<void> {
  const ports = endpoints.map(({ port }) => port).toSorted((a, b) => a - b)
  await eventually(async () => {
    const hosts = await envoy.hosts()
    assert.deepEqual(
      hosts.map(({ port }) => port).toSorted((a, b) => a - b),
      ports,
    )
    assert.ok(hosts.every(({ healthy }) => healthy))
  })
}

/** Where nobody listens any more, and a control plane will. */
async function portOfAnEndedControlPlane(): Promise<{ host: string; port: number }> {
  await using ended = await openControlPlane()
  return { host: ended.host, port: ended.port }
}
