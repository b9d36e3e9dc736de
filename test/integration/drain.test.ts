import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, status } from '@grpc/grpc-js'
import { hold } from '../../examples/hold/workload.ts'
import { HoldServiceClient } from '../../gen/evenkeel/hold/v1/hold.ts'
import { HealthClient, HealthCheckResponse_ServingStatus as Serving } from '../../gen/health/v1/health.ts'
import { ListPrimesRequest, PrimesServiceClient, type ListPrimesResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor, startHoldProcess } from '../support/hold.ts'
import { connect, startService } from '../support/service.ts'

/** No thread beside the only worker, so that a call behind another one has to wait. */
const noSpare = '--delay-target-ms=0'

test('a call that runs at SIGTERM is finished, and the process exits with 0', async () => {
  await using replica = await startHoldProcess(noSpare)
  using client = holdClient(replica.address)
  const running = await runningHold(client, 700)
  replica.kill('SIGTERM')
  assert.equal((await running.ended).code, status.OK)
  assert.deepEqual(await replica.exited, { code: 0, signal: null })
})

test('no call is lost while one of two replicas drains, with no more than the retry that every gRPC client has', async () => {
  await using leaving = await startHoldProcess('--drain-delay-ms=200', '--workers=4', '--process-name=leaving')
  await using staying = await startHoldProcess('--workers=4', '--process-name=staying')
  using client = connect(HoldServiceClient, `ipv4:${leaving.address},${staying.address}`, {
    // A call that the server refuses before it began is repeated once, as gRFC A6 says; nothing else is.
    'grpc.enable_retries': 1,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  })
  await holdFor(client, 0)
  const calls: ReturnType<typeof holdFor>[] = []
  const load = setInterval(() => calls.push(holdFor(client, 5, { timeoutMs: 5000 })), 2)
  await eventually(() => assert.ok(calls.length > 50))
  leaving.kill('SIGTERM')
  assert.deepEqual(await leaving.exited, { code: 0, signal: null })
  const before = calls.length
  await eventually(() => assert.ok(calls.length > before + 50))
  clearInterval(load)
  const ended = await Promise.all(calls)
  assert.deepEqual(
    ended.filter(({ code }) => code !== status.OK).map(({ code, details }) => `${code} ${details}`),
    [],
  )
  const pods = new Set(ended.map(({ trailers }) => trailers.get('evenkeel-process')[0]))
  assert.equal(pods.size, 2)
})

test('health says NOT_SERVING at once, while calls are still taken until balancers have noticed', async () => {
  await using service = await startService(hold, '--drain-delay-ms=60000', '--drain-timeout-ms=60000')
  using health = connect(HealthClient, service.healthAddress)
  using client = holdClient(service.address)
  const statuses: Serving[] = []
  const watch = health.watch({ service: '' })
  watch.on('data', ({ status: now }: { status: Serving }) => statuses.push(now)).on('error', () => {})
  await eventually(() => assert.deepEqual(statuses, [Serving.SERVING]))
  const hurry = new AbortController()
  const drained = service.drain(hurry.signal)
  await eventually(() => assert.deepEqual(statuses, [Serving.SERVING, Serving.NOT_SERVING]))
  assert.equal((await holdFor(client, 1)).code, status.OK)
  hurry.abort()
  assert.equal((await drained).cutCalls, 0)
})

test('an open Health.Watch on either port does not hold the drain', async () => {
  await using service = await startService(hold)
  using onService = connect(HealthClient, service.address)
  using onHealth = connect(HealthClient, service.healthAddress)
  const ends = [onService, onHealth].map((client) => {
    const watch = client.watch({ service: '' })
    return new Promise<number>((resolve, reject) => {
      watch
        .on('data', () => {})
        .on('error', (error: { code: number }) => resolve(error.code))
        .on('end', () => reject(new Error('ended well')))
    })
  })
  using client = holdClient(service.address)
  assert.equal((await holdFor(client, 0)).code, status.OK)
  await service.drain()
  assert.deepEqual(await Promise.all(ends), [status.UNAVAILABLE, status.UNAVAILABLE])
})

test('a list that runs at SIGTERM ends with UNAVAILABLE after whole messages, and goes on elsewhere from the last prime', async () => {
  await using leaving = await startService(primes)
  await using other = await startService(primes)
  const from = 10n ** 12n
  const first = await readList(leaving.address, { from, to: from + 50_000_000n }, () => void leaving.drain())
  assert.equal(first.code, status.UNAVAILABLE)
  const last = first.primes.at(-1)
  assert.ok(last !== undefined)
  const second = await readList(other.address, { from: last + 1n, to: last + 10_000n })
  assert.equal(second.code, status.OK)
  const whole = await readList(other.address, { from: last - 10_000n, to: last + 10_000n })
  const joined = [...first.primes.filter((prime) => prime >= last - 10_000n), ...second.primes]
  assert.deepEqual(joined, whole.primes)
})

test('a stream of numbers that is open at SIGTERM answers what it has read and ends with UNAVAILABLE', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const stream = client.checkPrimeStream()
  const ids: bigint[] = []
  const ended = new Promise<number>((resolve) => stream.on('error', (error: { code: number }) => resolve(error.code)))
  stream.on('data', ({ id }: { id: bigint }) => ids.push(id))
  for (let id = 1n; id <= 20n; id += 1n) stream.write({ id, number: '97' })
  await eventually(() => assert.equal(ids.length, 20))
  await service.drain()
  assert.equal(await ended, status.UNAVAILABLE)
  assert.equal(new Set(ids).size, 20)
})

test('at the time limit what still runs is ended with UNAVAILABLE, and the exit code says that work was cut', async () => {
  await using replica = await startHoldProcess('--drain-timeout-ms=300', '--default-deadline-ms=20000', noSpare)
  using client = holdClient(replica.address)
  const running = await runningHold(client, 15_000)
  replica.kill('SIGTERM')
  assert.equal((await running.ended).code, status.UNAVAILABLE)
  assert.deepEqual(await replica.exited, { code: 143, signal: null })
})

test('what is ended by force and may not be done twice ends with a status that no proxy repeats', async () => {
  await using service = await startService(
    { ...hold, idempotent: false },
    '--drain-delay-ms=60000',
    '--drain-timeout-ms=60000',
  )
  using client = holdClient(service.address)
  const ended = holdFor(client, 15_000)
  await eventually(() => assert.equal(service.pool.busy, 1))
  const hurry = new AbortController()
  const drained = service.drain(hurry.signal)
  hurry.abort()
  const { code, details } = await ended
  assert.deepEqual([code, (await drained).cutCalls], [status.INTERNAL, 1])
  assert.match(details, /whether the call was done is not known/)
})

test('a second SIGTERM does not cut the drain short', async () => {
  await using replica = await startHoldProcess(noSpare)
  using client = holdClient(replica.address)
  const running = await runningHold(client, 700)
  replica.kill('SIGTERM')
  await eventually(() => assert.ok(replica.lines.some((line) => line.includes('draining'))))
  replica.kill('SIGTERM')
  assert.equal((await running.ended).code, status.OK)
  assert.deepEqual(await replica.exited, { code: 0, signal: null })
})

/** A call that holds the only worker; resolves when it does, as a call that has to wait behind it shows. */
async function runningHold(client: Client, milliseconds: number): Promise<{ ended: ReturnType<typeof holdFor> }> {
  await holdFor(client, 0)
  const ended = holdFor(client, milliseconds)
  assert.equal((await holdFor(client, 0, { timeoutMs: 50 })).code, status.DEADLINE_EXCEEDED)
  return { ended }
}

/** Reads a list to its end, or until `onFirst` made it end. */
function readList(
  address: string,
  request: ListPrimesRequest,
  onFirst: () => void = () => {},
): Promise<{ code: number; primes: bigint[] }> {
  const client = connect(PrimesServiceClient, address)
  const found: bigint[] = []
  const stream = client.listPrimes(request)
  return new Promise((resolve) => {
    stream.once('data', onFirst)
    stream.on('data', (response: ListPrimesResponse) => found.push(...response.primes))
    stream.on('error', () => {})
    stream.on('status', ({ code }: { code: number }) => {
      client.close()
      resolve({ code, primes: found })
    })
  })
}
