import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckPrimeRequest, PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { HealthService } from '../../gen/health/v1/health.ts'
import { Client, status } from '@grpc/grpc-js'
import { primes } from '../../service/primes/workload.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { startExportingReplica } from '../support/exporting-replica.ts'
import { frame, rawCall, rawConnection, silentConnection } from '../support/raw-http2.ts'
import { connect, startService } from '../support/service.ts'

const { checkPrime } = PrimesServiceService
const call = {
  path: checkPrime.path,
  body: frame(Buffer.from(CheckPrimeRequest.encode({ number: '97' }).finish())),
}
const answered = { ':status': 200, 'grpc-status': '0' }

test('a peer that answers no PING loses its connection, and one that does keeps it', async () => {
  await using service = await startService(primes, '--keepalive-ms=100', '--keepalive-timeout-ms=2000')
  using live = await rawConnection(service.address)
  using vanished = await silentConnection(service.address)
  let pings = 0
  live.on('ping', () => {
    pings += 1
  })
  await vanished.closed
  assert.ok(pings > 1, `${pings} pings`)
  assert.partialDeepStrictEqual((await rawCall(live, call)).headers, answered)
})

test('a connection above the bound is closed, earlier ones go on, and one that ends makes room', async () => {
  await using service = await startService(primes, '--max-connections=2')
  using first = await rawConnection(service.address)
  const second = await rawConnection(service.address)
  using third = await silentConnection(service.address)
  await third.closed
  assert.equal(third.socket.bytesRead, 0)
  for (const session of [first, second]) {
    assert.partialDeepStrictEqual((await rawCall(session, call)).headers, answered)
  }
  second.destroy()
  using client = connect(PrimesServiceClient, service.address)
  await eventually(async () => {
    assert.equal((await callUnary(client, checkPrime, { request: { number: '97' } })).code, status.OK)
  })
})

test('who fills the port of the service does not shut out health checks, nor the other way round', async () => {
  await using service = await startService(primes, '--max-connections=1')
  using filling = await rawConnection(service.address)
  using client = connect(Client, service.healthAddress)
  assert.equal((await callUnary(client, HealthService.check, { request: { service: '' } })).code, status.OK)
  using refused = await silentConnection(service.healthAddress)
  await refused.closed
  assert.partialDeepStrictEqual((await rawCall(filling, call)).headers, answered)
})

test('open connections are shown, and refused ones are counted and logged', async () => {
  await using replica = await startExportingReplica({}, '--max-connections=1')
  using first = await rawConnection(replica.address)
  using second = await silentConnection(replica.address)
  await second.closed
  const text = await replica.metrics()
  assert.partialDeepStrictEqual((await rawCall(first, { ...call, path: '/nothing' })).headers, { ':status': 200 })
  assert.match(text, /^evenkeel_connections 1$/m)
  assert.match(text, /^evenkeel_connections_refused_total\{evenkeel_reason="limit"\} 1$/m)
  const line = await eventually(() => {
    const found = replica.log().find(({ msg }) => msg === 'connection refused')
    assert.ok(found)
    return found
  })
  assert.deepEqual([line['port'], line['suppressed']], [replica.endpoint.port, 0])
  assert.match(String(line['peer']), /^127\.0\.0\.1:\d+$/)
})
