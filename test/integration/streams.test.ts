import assert from 'node:assert/strict'
import { getDiffieHellman } from 'node:crypto'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import {
  CheckPrimeStreamRequest,
  CheckPrimeStreamResponse,
  PrimesServiceClient,
  PrimesServiceService,
} from '../../gen/evenkeel/primes/v1/primes.ts'
import { BadRequest } from '../../gen/google/rpc/error_details.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { openNumberStream } from '../support/number-stream.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { connect, startService } from '../support/service.ts'

const { checkPrime } = PrimesServiceService
const path = PrimesServiceService.checkPrimeStream.path
/** Takes a worker a millisecond or so. */
const mediumPrime = String(2n ** 300n + 157n)
/** Takes a worker twenty milliseconds or so. */
const largePrime = String(2n ** 1279n - 1n)
/** Takes a worker seconds, and nothing but the end of its thread stops it. */
const hugePrime = String(BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`))
/** The smallest that takes a worker at all. */
const smallPrime = String(2n ** 64n + 13n)

const numberFrame = (id: number, number: string): Buffer =>
  frame(Buffer.from(CheckPrimeStreamRequest.encode({ id: BigInt(id), number }).finish()))

test('each number of a stream is answered once, whatever the order', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const stream = openNumberStream(client)
  for (let id = 0; id < 300; id += 1) stream.call.write({ id: BigInt(id), number: id % 3 === 0 ? mediumPrime : '91' })
  stream.call.end()
  assert.equal((await stream.ended).code, status.OK)
  const ids = stream.answers.map(({ id }) => Number(id)).toSorted((a, b) => a - b)
  assert.deepEqual(
    ids,
    Array.from({ length: 300 }, (_, id) => id),
  )
  const wrong = stream.answers.filter(
    ({ id, outcome }) => outcome?.$case !== 'answer' || outcome.value.prime !== (id % 3n === 0n),
  )
  assert.deepEqual(wrong, [])
})

test('a small number is answered before a large one that was asked earlier', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const stream = openNumberStream(client)
  stream.call.write({ id: 1n, number: hugePrime })
  stream.call.write({ id: 2n, number: '97' })
  await eventually(() => assert.equal(stream.answers.length, 1))
  assert.equal(stream.answers[0]?.id, 2n)
  stream.call.cancel()
  assert.equal((await stream.ended).code, status.CANCELLED)
})

test('an invalid number gets an error with BadRequest of its own, and the stream goes on', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const stream = openNumberStream(client)
  for (const [id, number] of ['7', '-7', '9', '1'.repeat(2000)].entries()) stream.call.write({ id: BigInt(id), number })
  stream.call.end()
  assert.equal((await stream.ended).code, status.OK)
  const outcomes = new Map(stream.answers.map(({ id, outcome }) => [Number(id), outcome]))
  assert.equal(outcomes.get(0)?.$case, 'answer')
  assert.equal(outcomes.get(2)?.$case, 'answer')
  const errors = [1, 3].map((id) => {
    const outcome = outcomes.get(id)
    assert.ok(outcome?.$case === 'error')
    return outcome.value
  })
  for (const error of errors) {
    assert.equal(error.code, status.INVALID_ARGUMENT)
    assert.match(error.message, /^number: /)
    const [detail] = error.details
    assert.equal(detail?.typeUrl, 'type.googleapis.com/google.rpc.BadRequest')
    assert.equal(BadRequest.decode(detail.value).fieldViolations[0]?.field, 'number')
  }
})

test('a stream that is half-closed at once ends with OK and no answer', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const stream = openNumberStream(client)
  stream.call.end()
  assert.equal((await stream.ended).code, status.OK)
  assert.deepEqual(stream.answers, [])
})

test('bytes that are no message in the middle of a stream end it with INVALID_ARGUMENT and free its workers', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const stream = rawStream(session, { path })
  for (let id = 0; id < 4; id += 1) stream.write(numberFrame(id, hugePrime))
  await eventually(() => assert.equal(service.pool.inFlight, 3))
  stream.write(frame(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07])))
  const { headers } = await stream.answer
  assert.equal(headers['grpc-status'], String(status.INVALID_ARGUMENT))
  await eventually(() => assert.equal(service.pool.inFlight, 0))
})

test('a message over the limit in the middle of a stream ends it and frees its workers', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const stream = rawStream(session, { path })
  for (let id = 0; id < 4; id += 1) stream.write(numberFrame(id, hugePrime))
  await eventually(() => assert.equal(service.pool.inFlight, 3))
  stream.write(frame(Buffer.alloc(65_537)))
  const { headers } = await stream.answer
  assert.equal(headers['grpc-status'], String(status.RESOURCE_EXHAUSTED))
  await eventually(() => assert.equal(service.pool.inFlight, 0))
})

test('a caller that has its status and never half-closes does not keep its stream', async () => {
  await using service = await startService(primes)
  using session = await rawConnection(service.address)
  const stream = rawStream(session, { path, headers: { 'grpc-timeout': '50m' } })
  const { headers, rstCode } = await stream.answer
  assert.equal(headers['grpc-status'], String(status.DEADLINE_EXCEEDED))
  assert.equal(rstCode, 0)
})

for (const [how, end] of [
  ['cancelled', status.CANCELLED],
  ['out of time', status.DEADLINE_EXCEEDED],
] as const) {
  test(`a stream that is ${how} in the middle frees its workers`, async () => {
    await using service = await startService(primes)
    using client = connect(PrimesServiceClient, service.address)
    const stream = openNumberStream(client, how === 'cancelled' ? undefined : 400)
    for (let id = 0n; id < 64n; id += 1n) stream.call.write({ id, number: hugePrime })
    await eventually(() => assert.equal(service.pool.inFlight, 3))
    if (how === 'cancelled') stream.call.cancel()
    assert.equal((await stream.ended).code, end)
    await eventually(() => assert.equal(service.pool.inFlight, 0))
  })
}

test('a full replica refuses the first number of a stream, and lets a stream that has begun wait', async () => {
  await using service = await startService(primes, '--workers=1', '--queue-limit=0')
  using client = connect(PrimesServiceClient, service.address)
  const begun = openNumberStream(client)
  begun.call.write({ id: 1n, number: hugePrime })
  await eventually(() => assert.equal(service.pool.inFlight, 1))
  begun.call.write({ id: 2n, number: hugePrime })
  const refused = openNumberStream(client)
  refused.call.write({ id: 1n, number: mediumPrime })
  const { code, metadata } = await refused.ended
  assert.equal(code, status.RESOURCE_EXHAUSTED)
  assert.ok(Number(metadata.get('grpc-retry-pushback-ms')[0]) > 0)
  const inline = openNumberStream(client)
  inline.call.end({ id: 1n, number: '97' })
  assert.equal((await inline.ended).code, status.OK)
  begun.call.cancel()
  assert.equal((await begun.ended).code, status.CANCELLED)
})

test('a half-closed stream whose numbers wait to be read at SIGTERM is finished with OK', async () => {
  await using service = await startService(primes, '--drain-timeout-ms=20000')
  using client = connect(PrimesServiceClient, service.address)
  const stream = openNumberStream(client)
  // 64 in flight, eleven that have arrived, and the half-close behind them.
  for (let id = 0n; id < 75n; id += 1n) stream.call.write({ id, number: largePrime })
  stream.call.end()
  await eventually(() => assert.ok(stream.call.writableFinished && stream.answers.length >= 3), { everyMs: 1 })
  await service.drain()
  assert.equal((await stream.ended).code, status.OK)
  assert.equal(stream.answers.length, 75)
})

test('three streams of large primes leave the places of the queue to other calls', async () => {
  await using service = await startService(primes, '--queue-limit=16', '--delay-target-ms=0')
  using client = connect(PrimesServiceClient, service.address)
  const streams = Array.from({ length: 3 }, () => openNumberStream(client))
  for (const { call } of streams) {
    for (let id = 0n; id < 64n; id += 1n) call.write({ id, number: largePrime })
  }
  await eventually(() => assert.ok(streams.every(({ answers }) => answers.length > 0)))
  const others = await Promise.all(
    Array.from({ length: 8 }, () => callUnary(client, checkPrime, { request: { number: largePrime } })),
  )
  assert.deepEqual(
    others.map(({ code }) => code),
    others.map(() => status.OK),
  )
  for (const { call, answers, ended } of streams) {
    assert.ok(answers.length < 64, 'the stream was still at work')
    call.cancel()
    assert.equal((await ended).code, status.CANCELLED)
  }
})

test('a caller that writes ten thousand numbers and does not read is not read either; then it gets all answers', async () => {
  await using service = await startService(primes, '--queue-limit=1000', '--default-deadline-ms=30000')
  using session = await rawConnection(service.address)
  using highest = watchHighest(() => service.pool.inFlight)
  const stream = rawStream(session, { path, paused: true })
  const count = 10_000
  for (let id = 0; id < count; id += 1) stream.write(numberFrame(id, smallPrime))
  stream.end()
  // Flow control stops the writer in the end: what waits then, waits on its side.
  let unsent = stream.writableLength
  await eventually(
    () => {
      const before = unsent
      unsent = stream.writableLength
      assert.equal(unsent, before)
      assert.equal(service.pool.inFlight, 0)
    },
    { everyMs: 100 },
  )
  assert.ok(unsent > 0)
  stream.resume()
  const { headers, messages } = await stream.answer
  assert.equal(headers['grpc-status'], '0')
  assert.equal(messages.length, count)
  assert.equal(new Set(messages.map((message) => CheckPrimeStreamResponse.decode(message).id)).size, count)
  assert.ok(highest.value <= 3, `${highest.value} were in flight`)
})

/** The highest value that was seen, looked at every millisecond. */
function watchHighest(read: () => number): Disposable & { readonly value: number } {
  let value = 0
  const timer = setInterval(() => {
    value = Math.max(value, read())
  }, 1)
  return {
    get value() {
      return value
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
