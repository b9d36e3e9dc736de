import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { type ClientReadableStream, status } from '@grpc/grpc-js'
import { readConfig } from '../../chassis/config.ts'
import { createHealth } from '../../chassis/health.ts'
import { Lifecycle } from '../../chassis/lifecycle.ts'
import { bind } from '../../chassis/listen/bind.ts'
import { createHardenedServer, type HardenedServer } from '../../chassis/listen/hardened-server.ts'
import { closeNow } from '../../chassis/listen/leave.ts'
import {
  HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
  HealthService,
} from '../../gen/health/v1/health.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { connect, startService } from '../support/service.ts'
import { settledHeapBytes } from '../support/settled-heap.ts'

const limits = readConfig({ argv: [], env: {} })
const service = 'evenkeel.primes.v1.PrimesService'

for (const port of ['address', 'healthAddress'] as const) {
  test(`Check and List on the ${port} know the whole replica and its service, and no other`, async () => {
    await using replica = await startService(primes)
    using client = connect(HealthClient, replica[port])
    for (const name of ['', service]) {
      const { response } = await callUnary(client, HealthService.check, { request: { service: name } })
      assert.equal(response?.status, Serving.SERVING)
    }
    const unknown = await callUnary(client, HealthService.check, { request: { service: 'no.such.Service' } })
    assert.equal(unknown.code, status.NOT_FOUND)
    assert.match(unknown.details, /service: "no.such.Service" is unknown/)
    const { response } = await callUnary(client, HealthService.list, { request: {} })
    assert.deepEqual(response?.statuses, { '': { status: Serving.SERVING }, [service]: { status: Serving.SERVING } })
  })
}

test('a watch is told every change of the lifecycle once, on every server that the health is on', async () => {
  const lifecycle = new Lifecycle()
  await using servers = await startTwoServers(lifecycle)
  using first = connect(HealthClient, servers.addresses[0])
  using second = connect(HealthClient, servers.addresses[1])
  const seen = [first, second].map((client) => statusesOf(client.watch({ service })))
  await eventually(() => assert.deepEqual(seen, [[Serving.NOT_SERVING], [Serving.NOT_SERVING]]))
  lifecycle.to('serving')
  await eventually(() => assert.deepEqual(seen[1], [Serving.NOT_SERVING, Serving.SERVING]))
  lifecycle.to('draining')
  lifecycle.to('stopped')
  const expected = [Serving.NOT_SERVING, Serving.SERVING, Serving.NOT_SERVING]
  await eventually(() => assert.deepEqual(seen, [expected, expected]))
})

test('a watch of an unknown service says so and stays open', async () => {
  const lifecycle = new Lifecycle()
  await using servers = await startTwoServers(lifecycle)
  using client = connect(HealthClient, servers.addresses[0])
  const seen = statusesOf(client.watch({ service: 'no.such.Service' }))
  await eventually(() => assert.deepEqual(seen, [Serving.SERVICE_UNKNOWN]))
  lifecycle.to('serving')
  assert.equal((await callUnary(client, HealthService.check, { request: { service: '' } })).code, status.OK)
  assert.deepEqual(seen, [Serving.SERVICE_UNKNOWN])
})

test('a hundred watches that go away leave no stream behind', async () => {
  const lifecycle = new Lifecycle()
  await using servers = await startTwoServers(lifecycle)
  using client = connect(HealthClient, servers.addresses[0])
  const watches = Array.from({ length: 100 }, () => client.watch({ service: '' }))
  const seen = watches.map((watch) => statusesOf(watch))
  await eventually(() => assert.ok(seen.every(({ length }) => length === 1)))
  assert.equal(servers.openStreams(), 100)
  for (const watch of watches) watch.cancel()
  await eventually(() => assert.equal(servers.openStreams(), 0))
  lifecycle.to('serving')
  assert.equal((await callUnary(client, HealthService.check, { request: { service: '' } })).code, status.OK)
})

test('names that callers make up are not kept once they are gone', async () => {
  await using servers = await startTwoServers(new Lifecycle())
  const watchMadeUpNames = async (count: number): Promise<void> => {
    using session = await rawConnection(servers.addresses[0])
    for (let index = 0; index < count; index += 1) {
      const request = HealthCheckRequest.encode({ service: String(index).padEnd(60_000, 'x') }).finish()
      const watch = rawStream(session, { path: HealthService.watch.path })
      watch.end(frame(Buffer.from(request)))
      await once(watch, 'data')
      watch.close()
      await watch.answer
    }
  }
  await watchMadeUpNames(50)
  const before = settledHeapBytes()
  await watchMadeUpNames(500)
  // All names together are 30 MB.
  const grownBytes = settledHeapBytes() - before
  assert.ok(grownBytes < 10_000_000, `${grownBytes} bytes are kept`)
})

/** Two servers with one health, as the service port and the health-only port have. */
async function startTwoServers(
  lifecycle: Lifecycle,
): Promise<AsyncDisposable & { addresses: [string, string]; openStreams(): number }> {
  const health = createHealth(lifecycle, [service])
  const servers = [createHardenedServer(limits), createHardenedServer(limits)] as const
  for (const { server } of servers) health.addToServer(server)
  const listen = async ({ server }: HardenedServer): Promise<string> =>
    `127.0.0.1:${await bind(server, { host: '127.0.0.1', port: 0 })}`
  return {
    addresses: [await listen(servers[0]), await listen(servers[1])],
    openStreams: () => [...servers[0].sessions.values()].reduce((sum, streams) => sum + streams.size, 0),
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) closeNow(server)
    },
  }
}

function statusesOf(watch: ClientReadableStream<HealthCheckResponse>): Serving[] {
  const seen: Serving[] = []
  watch.on('data', ({ status: now }: HealthCheckResponse) => seen.push(now)).on('error', () => {})
  return seen
}
