import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { credentials, status } from '@grpc/grpc-js'
import { openChannel } from '../../client/channel.ts'
import { resumeStream } from '../../client/resume-stream.ts'
import { ListPrimesRequest, PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { readList } from '../support/list.ts'
import { openNumberStream } from '../support/number-stream.ts'
import { frame, rawCall, rawConnection, rawStream } from '../support/raw-http2.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { connect, startService } from '../support/service.ts'

test('twelve lists that run over two replicas come whole when one of these drains', async () => {
  await using leaving = await startService(primes, '--pod-name=leaving')
  await using staying = await startService(primes, '--pod-name=staying')
  const target = `ipv4:${leaving.address},${staying.address}`
  using channels = new DisposableStack()
  const channelOverride = channels.adopt(await openChannel(target), (channel) => channel.close())
  const client = new PrimesServiceClient(target, credentials.createInsecure(), { channelOverride })
  const [from, to] = [10n ** 12n, 10n ** 12n + 4_000_000n]
  let begun = 0
  let opened = 0
  const lists = Array.from({ length: 12 }, async () => {
    const found: bigint[] = []
    const messages = resumeStream({
      from,
      open: (start) => {
        opened += 1
        return client.listPrimes({ from: start, to })
      },
      after: ({ primes: some }, start) => (some.at(-1) ?? start - 1n) + 1n,
    })
    for await (const { primes: some } of messages) {
      if (found.length === 0) begun += 1
      found.push(...some)
    }
    return found
  })
  await eventually(() => assert.equal(begun, 12))
  const { cutCalls } = await leaving.drain()
  assert.equal(cutCalls, 0)
  const found = await Promise.all(lists)
  using other = connect(PrimesServiceClient, staying.address)
  const whole = await readList(other, from, to)
  assert.equal(whole.status.code, status.OK)
  for (const list of found) assert.deepEqual(list, whole.primes)
  assert.ok(opened > 12)
})

test('of twenty streams of numbers under way at a drain each number is answered there or not begun, and none twice', async () => {
  await using leaving = await startService(primes)
  await using other = await startService(primes)
  const count = 500
  const left = await drainWhileSending(leaving, count)
  let answeredThere = 0
  for (const { ids, code } of left) {
    assert.equal(code, status.UNAVAILABLE)
    assert.equal(new Set(ids).size, ids.length)
    answeredThere += ids.length
    using client = connect(PrimesServiceClient, other.address)
    const { call, answers, ended } = openNumberStream(client)
    const missing = numbers(count).filter((id) => !ids.includes(id))
    for (const id of missing) call.write({ id, number: '97' })
    call.end()
    assert.equal((await ended).code, status.OK)
    assert.deepEqual(new Set([...ids, ...answers.map(({ id }) => id)]), new Set(numbers(count)))
  }
  assert.ok(answeredThere > 0 && answeredThere < 20 * count)
})

test('a call whose request never comes whole does not hold a drain, and may be repeated elsewhere', async () => {
  await using service = await startService(primes, '--drain-timeout-ms=60000', '--max-deadline-ms=60000')
  using connection = await rawConnection(service.address)
  const { checkPrime, listPrimes } = PrimesServiceService
  const headers = { 'grpc-timeout': '60S' }
  const silent = [checkPrime, listPrimes].map(({ path }) => rawStream(connection, { path, headers }))
  const open = rawStream(connection, { path: checkPrime.path, headers })
  open.write(ninetySeven)
  // Behind them on the same connection: when it is answered they have arrived.
  await rawCall(connection, { path: checkPrime.path, body: ninetySeven })
  const report = await service.drain()
  const answers = await Promise.all([...silent, open].map(({ answer }) => answer))
  assert.deepEqual(
    answers.map(({ headers: { 'grpc-status': code } }) => code),
    Array<string>(3).fill(String(status.UNAVAILABLE)),
  )
  assert.match(decodeURIComponent(String(answers[0]?.headers['grpc-message'])), /left before the request was whole/)
  assert.equal(report.cutCalls, 0)
})

test('a request that is on its way when its connection is told to go away is answered', async () => {
  await using service = await startService(primes, '--drain-timeout-ms=60000')
  using connection = await rawConnection(service.address)
  const { path } = PrimesServiceService.checkPrime
  const stream = rawStream(connection, { path })
  await rawCall(connection, { path, body: ninetySeven })
  connection.once('goaway', () => stream.end(ninetySeven))
  await service.drain()
  assert.equal((await stream.answer).headers['grpc-status'], String(status.OK))
})

test('callers that never read hold a drain to its limit, and all others are answered before', async () => {
  await using replica = await startReplicaProcess(
    'service/main.ts',
    '--delay-target-ms=0',
    '--drain-timeout-ms=2500',
    '--default-deadline-ms=25000',
  )
  using connection = await rawConnection(replica.address)
  const { listPrimes, checkPrime, factorize } = PrimesServiceService
  const long = ListPrimesRequest.encode({ from: 0n, to: 999_999_999n }).finish()
  const deaf = Array.from({ length: 3 }, () => {
    const stream = rawStream(connection, { path: listPrimes.path, paused: true })
    stream.end(frame(Buffer.from(long)))
    return stream
  })
  const unfinished = Array.from({ length: 4 }, () => {
    const stream = rawStream(connection, { path: checkPrime.path })
    stream.write(ninetySeven)
    return stream
  })
  await Promise.all(deaf.map((stream) => new Promise((resolve) => stream.once('response', resolve))))
  using client = connect(PrimesServiceClient, replica.address)
  const others = Array.from({ length: 6 }, async () => (await callUnary(client, factorize, { request: slow })).code)
  // Behind them on the same connection: when it is answered they have arrived.
  assert.equal((await callUnary(client, checkPrime, { request: { number: '97' } })).code, status.OK)
  replica.kill('SIGTERM')
  assert.deepEqual(await Promise.all(others), Array<number>(6).fill(status.OK))
  assert.deepEqual(await replica.exited, { code: 143, signal: null })
  const { cutCalls, tookMs } = JSON.parse(replica.lines.find((line) => line.includes('"drained"')) ?? '{}')
  assert.equal(cutCalls, deaf.length)
  assert.ok(tookMs >= 2500)
  for (const { answer } of unfinished) assert.equal((await answer).headers['grpc-status'], String(status.UNAVAILABLE))
})

/** A request that CheckPrime answers without a worker. */
const ninetySeven = frame(Buffer.from('\n\u000297'))

/** A product of two primes of 19 digits, which takes a while. */
const slow = { number: String((10n ** 18n + 3n) * (10n ** 18n + 9n)) }

const numbers = (count: number): bigint[] => Array.from({ length: count }, (_, id) => BigInt(id))

/** Opens twenty streams to a replica, has it drain in the midst of `count` numbers on each, and says what came back. */
async function drainWhileSending(
  leaving: Awaited<ReturnType<typeof startService>>,
  count: number,
): Promise<{ ids: bigint[]; code: number }[]> {
  using client = connect(PrimesServiceClient, leaving.address)
  const streams = Array.from({ length: 20 }, () => openNumberStream(client))
  const send = async ({ call, ended }: (typeof streams)[number]): Promise<void> => {
    let open = true
    void ended.then(() => {
      open = false
    })
    for (const id of numbers(count)) {
      if (!open) return
      call.write({ id, number: '97' })
      await nextTurn()
    }
  }
  const sending = Promise.all(streams.map(send))
  await eventually(() => assert.ok(streams.every(({ answers }) => answers.length > 0)), { everyMs: 1 })
  const report = await leaving.drain()
  await sending
  assert.equal(report.cutCalls, 0)
  return Promise.all(
    streams.map(async ({ answers, ended }) => ({ code: (await ended).code, ids: answers.map(({ id }) => id) })),
  )
}
