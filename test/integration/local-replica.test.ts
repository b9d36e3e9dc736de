import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { startFleet } from '../../deploy/local/fleet.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdCommand, holdFor } from '../support/hold.ts'
import { startReplicaProcess } from '../support/replica-process.ts'

test('a replica that logs nothing is found all the same', async () => {
  await using replica = await startReplicaProcess('examples/hold/main.ts', '--log-level=silent')
  assert.ok(replica.endpoint.port > 0)
  assert.deepEqual(replica.lines, [])
})

test('lines that are not JSON are lines like others', async () => {
  await using replica = await startReplicaProcess('test/support/talking-main.ts')
  await eventually(() => assert.equal(replica.lines[0], '{"serving": soon'))
})

test('variables of TLS, which callers have, do not make a replica of a fleet speak it', async () => {
  const file = '/no/such/file'
  const environment = { ...process.env, EVENKEEL_TLS_CERTIFICATE: file, EVENKEEL_TLS_PRIVATE_KEY: file }
  await using fleet = await startFleet({
    replicas: 1,
    command: holdCommand,
    settings: ['--metrics-port=off', '--workers=1', '--drain-delay-ms=0'],
    environment,
    publish: async () => {},
  })
  const [{ endpoint } = assert.fail('no replica')] = fleet.replicas
  using client = holdClient(`${endpoint.address}:${endpoint.port}`)
  assert.equal((await holdFor(client, 0)).code, status.OK)
})

test('a crashed replica is replaced once, also while its endpoint cannot be published', async () => {
  const told: string[] = []
  let published = 0
  await using fleet = await startFleet({
    replicas: 1,
    command: holdCommand,
    settings: ['--metrics-port=off', '--workers=1', '--drain-delay-ms=0'],
    environment: process.env,
    publish: async () => {
      published += 1
      if (published > 1) throw new Error('disk full')
    },
    onCrash: (name, how) => told.push(`${name} ${how}`),
  })
  fleet.replicas[0]?.kill('SIGKILL')
  const lost = 'replica-1 its endpoint was not published: Error: disk full'
  await eventually(() => assert.deepEqual(told, ['replica-1 SIGKILL', lost, lost]))
  assert.deepEqual(
    fleet.replicas.map(({ name }) => name),
    ['replica-1'],
  )
})
