import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { hold } from '../../examples/hold/workload.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { connect, startService } from '../support/service.ts'

test('three thousand cancelled calls on one connection do not harm a call beside them', async () => {
  await using service = await startService(
    hold,
    '--delay-target-ms=0',
    '--queue-limit=100000',
    '--max-concurrent-streams=100000',
  )
  using client = holdClient(service.address)
  const bystander = holdFor(client, 1500)
  for (let burst = 0; burst < 30; burst += 1) {
    const gone = new AbortController()
    const calls = Array.from({ length: 100 }, () => holdFor(client, 10_000, { signal: gone.signal }))
    // The calls must have reached the server, or nothing is reset there.
    await eventually(() => assert.ok(service.pool.inFlight > 50))
    gone.abort()
    const codes = new Set((await Promise.all(calls)).map(({ code }) => code))
    assert.deepEqual([...codes], [status.CANCELLED])
    await eventually(() => assert.ok(service.pool.inFlight <= 1))
  }
  assert.equal((await bystander).code, status.OK)
})

test('a cancelled call frees its worker', async () => {
  await using service = await startService(hold, '--workers=1', '--delay-target-ms=0')
  using client = holdClient(service.address)
  const gone = new AbortController()
  const cancelled = holdFor(client, 30_000, { signal: gone.signal })
  await eventually(() => assert.equal(service.pool.busy, 1))
  gone.abort()
  assert.equal((await cancelled).code, status.CANCELLED)
  assert.equal((await holdFor(client, 1)).code, status.OK)
})

test('a list whose reader is gone stops computing', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const list = client.listPrimes({ from: 10n ** 12n, to: 10n ** 12n + 900_000_000n })
  list.on('error', () => {})
  await new Promise((resolve) => list.once('data', resolve))
  list.cancel()
  await eventually(() => assert.equal(service.pool.inFlight, 0))
})

test('a list that nobody reads holds no worker while it waits, and is reset soon after its deadline', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const list = client.listPrimes({ from: 0n, to: 900_000_000n }, { deadline: Date.now() + 1500 } as never)
  const ended = new Promise<{ code: number }>((resolve) => list.on('error', resolve as never))
  list.pause()
  await eventually(() => assert.equal(service.pool.inFlight, 0))
  const waiting = service.pool.inFlight
  list.resume()
  assert.equal((await ended).code, status.DEADLINE_EXCEEDED)
  assert.equal(waiting, 0)
})
