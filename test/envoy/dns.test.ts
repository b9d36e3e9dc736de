import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hold } from '../../examples/hold/workload.ts'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { callsPerPod, lost, openCaller } from '../support/caller.ts'
import { startDnsServer } from '../support/dns-server.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startService } from '../support/service.ts'

/** Holds a worker for no time. */
const call = { path: HoldServiceService.hold.path, body: Buffer.alloc(0) }

/** Has Envoy ask a name server of the test. */
function askAt(address: string): Change {
  const { hostname, port } = new URL(`http://${address}`)
  const resolver = {
    name: 'envoy.network.dns_resolver.cares',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      resolvers: [{ socket_address: { address: hostname, port_value: Number(port) } }],
    },
  }
  return { in: 'cluster', at: 'cluster_type/typed_config/typed_dns_resolver_config', to: resolver, added: true }
}

test(
  'by DNS each address is a replica; one that comes is found, and one that goes costs no call',
  needsEnvoy,
  async () => {
    await using dns = await startDnsServer()
    const tell = (...addresses: string[]) => dns.answers.set('A replicas.test', { ttl: 30, addresses })
    await using one = await startService(hold, '--pod-name=one')
    const port = one.ports.grpc
    await using two = await startService(hold, '--pod-name=two', '--host=127.0.0.2', `--port=${port}`)
    assert.equal(two.ports.grpc, port)
    tell('127.0.0.1')
    const config = { dns: { host: 'replicas.test.', port } }
    await using envoy = await startTestEnvoy({ config, changes: [askAt(dns.address)] })
    using caller = openCaller(envoy.target)
    const healthy = async () => (await envoy.hosts()).filter((host) => host.healthy).length
    await eventually(async () => assert.equal(await healthy(), 1))
    assert.deepEqual(callsPerPod(await caller.callInTurn(20, call)), { one: 20 })

    tell('127.0.0.1', '127.0.0.2')
    await eventually(async () => assert.equal(await healthy(), 2))
    const both = callsPerPod(await caller.callInTurn(40, call))
    assert.deepEqual(Object.keys(both).toSorted(), ['one', 'two'])

    const done = Promise.withResolvers<void>()
    const load = caller.callUntil(done.promise, 4, call)
    tell('127.0.0.2')
    await eventually(async () => assert.equal((await envoy.hosts()).length, 1))
    await one.drain()
    done.resolve()
    assert.deepEqual(lost(await load), [])
    assert.deepEqual(callsPerPod(await caller.callInTurn(20, call)), { two: 20 })
    // Only the name as it was given: with the dot at its end no search domain is tried.
    assert.deepEqual(
      new Set(dns.questions.filter((question) => question.startsWith('A '))),
      new Set(['A replicas.test']),
    )
  },
)

test('a name that has no address yet is no failure: calls are answered once it has one', needsEnvoy, async () => {
  await using dns = await startDnsServer()
  await using one = await startService(hold, '--pod-name=one')
  const config = { dns: { host: 'replicas.test.', port: one.ports.grpc } }
  await using envoy = await startTestEnvoy({ config, changes: [askAt(dns.address)] })
  using caller = openCaller(envoy.target)
  assert.equal(lost([await caller.call(call)]).length, 1)
  dns.answers.set('A replicas.test', { ttl: 30, addresses: ['127.0.0.1'] })
  await eventually(async () => assert.deepEqual(lost([await caller.call(call)]), []))
})
