import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientResourceStatus } from '../../gen/xds/envoy/admin/v3/config_dump_shared.ts'
import {
  type ClientConfig,
  ClientStatusDiscoveryServiceClient,
  ClientStatusDiscoveryServiceService as service,
  ClientStatusRequest,
  type ClientStatusResponse,
  ConfigStatus,
} from '../../gen/xds/envoy/service/status/v3/csds.ts'
import { typeUrls } from '../../control-plane/resources/resource.ts'
import { adsClient, deltaStream, worldStream } from '../support/ads-client.ts'
import { deltaRequest, worldRequest } from '../support/ads-requests.ts'
import { callUnary } from '../support/call.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { runCli } from '../support/run-cli.ts'
import { connect } from '../support/service.ts'
import { settledHeapBytes } from '../support/settled-heap.ts'
import { servicesAt } from '../support/world.ts'

const node = 'envoy-1'
const services = servicesAt({ primes: ['10.0.0.1:1'], hold: ['10.0.0.2:1'] })
const request = ClientStatusRequest.create()

async function clientsOf(address: string): Promise<ClientConfig[]> {
  using client = connect(ClientStatusDiscoveryServiceClient, address)
  const { response } = await callUnary(client, service.fetchClientStatus, { request })
  return response?.config ?? assert.fail('no answer')
}

const statusesOf = (config: ClientConfig | undefined) =>
  config?.genericXdsConfigs.map(({ name, configStatus }) => [name, configStatus])

test('an instance without subscribers has nobody to tell of', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  assert.deepEqual(await clientsOf(controlPlane.address), [])
  const command = ['control-plane', 'status', '--target', controlPlane.address]
  assert.deepEqual(await runCli(...command), { code: 0, stdout: 'No subscribers.\n', stderr: '' })
  assert.deepEqual(await runCli(...command, '--json'), { code: 0, stdout: '[]\n', stderr: '' })
})

test('the status shows who subscribes, by which protocol, and what it was sent and has taken', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('endpoints', ['primes', 'none'], { node }))
  const { nonce } = await world.next()
  const [before] = await clientsOf(controlPlane.address)
  assert.equal(before?.node?.id, node)
  assert.match(before.clientScope, /^state_of_the_world 127\.0\.0\.1:\d+$/)
  assert.deepEqual(statusesOf(before), [
    ['primes', ConfigStatus.STALE],
    ['none', ConfigStatus.NOT_SENT],
  ])
  assert.deepEqual(
    before.genericXdsConfigs.map(({ typeUrl }) => typeUrl),
    [typeUrls.endpoints, typeUrls.endpoints],
  )
  world.say(worldRequest('endpoints', ['primes', 'none'], { nonce }))
  await eventually(async () => {
    const [after] = await clientsOf(controlPlane.address)
    assert.deepEqual(statusesOf(after)?.[0], ['primes', ConfigStatus.SYNCED])
  })
})

test('the status shows which resource was refused, why, and in which version', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source)
  using client = adsClient(controlPlane.address)
  using delta = deltaStream(client)
  delta.say(deltaRequest('endpoints', { subscribe: ['primes', 'hold'] }, { node }))
  delta.say(deltaRequest('endpoints', {}, { nonce: (await delta.next()).nonce }))
  source.tell(servicesAt({ primes: ['10.0.0.9:1'], hold: ['10.0.0.2:1'] }))
  const { nonce, systemVersionInfo } = await delta.next()
  delta.say(deltaRequest('endpoints', {}, { nonce, refusal: 'not there' }))
  await eventually(async () => {
    const [config] = await clientsOf(controlPlane.address)
    const [primes, hold] = config?.genericXdsConfigs ?? []
    assert.equal(primes?.configStatus, ConfigStatus.ERROR)
    assert.equal(primes.clientStatus, ClientResourceStatus.NACKED)
    assert.equal(primes.errorState?.details, 'not there')
    assert.equal(primes.errorState.versionInfo, systemVersionInfo)
    assert.equal(hold?.errorState, undefined)
  })
})

test('a stream of status requests is answered one by one', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using subscriber = adsClient(controlPlane.address)
  using world = worldStream(subscriber)
  world.say(worldRequest('cluster', [], { node }))
  await world.next()
  using client = connect(ClientStatusDiscoveryServiceClient, controlPlane.address)
  const call = client.streamClientStatus()
  const answers: ClientStatusResponse[] = []
  call.on('data', (answer: ClientStatusResponse) => answers.push(answer))
  const ended = new Promise((resolve) => call.once('end', resolve))
  for (let at = 0; at < 3; at += 1) call.write(request)
  call.end()
  await ended
  assert.deepEqual(
    answers.map(({ config }) => config.length),
    [1, 1, 1],
  )
})

test('who asks for the status without end and reads nothing costs one answer', async () => {
  await using controlPlane = await startControlPlane(memorySource(services))
  using subscriber = adsClient(controlPlane.address)
  using world = worldStream(subscriber)
  const names = Array.from({ length: 2000 }, (_, at) => `service-${at}`)
  world.say(worldRequest('cluster', names, { node }))
  await world.next()
  using connection = await rawConnection(controlPlane.address)
  const stream = rawStream(connection, { path: service.streamClientStatus.path, paused: true })
  const before = settledHeapBytes()
  for (let at = 0; at < 200; at += 1) stream.write(frame(Buffer.from(ClientStatusRequest.encode(request).finish())))
  // A call that comes later is answered: the requests before it are in.
  assert.equal((await clientsOf(controlPlane.address)).length, 1)
  const grown = settledHeapBytes() - before
  assert.ok(grown < 10_000_000, `the heap grew by ${grown} bytes`)
})

test('metrics count subscribers, responses, answers and endpoints', async () => {
  const source = memorySource(services)
  await using controlPlane = await startControlPlane(source, '--metrics-port=0')
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  world.say(worldRequest('endpoints', ['primes'], { node }))
  const { nonce } = await world.next()
  world.say(worldRequest('endpoints', ['primes'], { nonce }))
  source.tell(servicesAt({ primes: ['10.0.0.9:1'] }))
  world.say(worldRequest('endpoints', ['primes'], { nonce: (await world.next()).nonce, refusal: 'no' }))
  source.fail(new Error('no such file'))
  await eventually(async () => {
    const text = await (await fetch(`http://127.0.0.1:${controlPlane.ports.metrics}/metrics`)).text()
    const value = (name: string, labels = '') =>
      new RegExp(String.raw`^evenkeel_${name}(?:\{[^}]*${labels}[^}]*\})? (\S+)`, 'm').exec(text)?.[1]
    assert.deepEqual(
      {
        subscribers: value('xds_subscribers', 'state_of_the_world'),
        behind: value('xds_subscribers_behind', 'endpoints'),
        responses: value('xds_responses_total', 'endpoints'),
        acknowledged: value('xds_acknowledged_total', 'endpoints'),
        rejected: value('xds_rejected_total', 'endpoints'),
        snapshots: value('xds_snapshots_total'),
        ready: value('xds_endpoints', 'ready'),
        faults: value('source_faults_total'),
        failing: value('source_failing'),
      },
      {
        subscribers: '1',
        behind: '1',
        responses: '2',
        acknowledged: '1',
        rejected: '1',
        snapshots: '2',
        ready: '1',
        faults: '1',
        failing: '1',
      },
    )
  })
})
