import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { test } from 'node:test'
import { Client, type ClientOptions, credentials, Metadata, status } from '@grpc/grpc-js'
import { type ChannelSettings, channelOptions, openChannel } from '../../client/channel.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { echoPath, startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { eventually } from '../support/eventually.ts'
import { startFakePrimes } from '../support/fake-primes.ts'
import { openNumberStream } from '../support/number-stream.ts'
import { answerWithEmptyMessage, grpcHeaders, startRawServer } from '../support/raw-server.ts'
import { connect, startService } from '../support/service.ts'

const idempotent = [echoPath.slice(1)]

const callerOf = (target: string, settings: ChannelSettings = { idempotent }, more: ClientOptions = {}) =>
  openCaller(target, { ...channelOptions(target, settings), 'grpc.enable_retries': 1, ...more })

/** Ways to break a call whose response headers have left. */
const cuts: Record<string, (stream: ServerHttp2Stream) => void> = {
  'the stream is reset': (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  'the stream ends without a status': (stream) => stream.end(),
  'the stream ends after the message': (stream) => stream.end(Buffer.alloc(5)),
  'the connection ends': (stream) => stream.session?.destroy(),
  'the connection is reset': (stream) => stream.session?.socket.destroy(new Error('reset')),
}

/** A server that cuts the first calls after their headers and answers the others. */
async function startCuttingServer(cut: (stream: ServerHttp2Stream) => void, count = 1) {
  const requests: IncomingHttpHeaders[] = []
  const server = await startRawServer((stream, headers) => {
    if (requests.push(headers) > count) return answerWithEmptyMessage(stream)
    stream.respond(grpcHeaders)
    // The headers leave before the cut.
    setImmediate(() => cut(stream))
  })
  return Object.assign(server, { requests })
}

for (const [how, cut] of Object.entries(cuts)) {
  test(`a call of an idempotent method is repeated when ${how} after response headers`, async () => {
    await using server = await startCuttingServer(cut)
    using caller = callerOf(server.address)
    const outcome = await caller.call()
    assert.deepEqual([outcome.code, outcome.body, server.requests.length], [status.OK, Buffer.alloc(0), 2])
    using careful = callerOf(server.address, { idempotent: ['test.v1.BackendService/Other'] })
    server.requests.length = 0
    assert.notEqual((await careful.call()).code, status.OK)
    assert.equal(server.requests.length, 1)
  })
}

test('channels that are opened repeat as well, for clients with a callback', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 2)
  const channelOverride = await openChannel(server.address, { idempotent })
  const client = new Client(server.address, credentials.createInsecure(), { channelOverride })
  const bytes = (value: Buffer) => value
  let headers = 0
  const answer = await new Promise((resolve) => {
    const call = client.makeUnaryRequest(echoPath, bytes, bytes, Buffer.from('call'), (error, value) =>
      resolve({ error, value }),
    )
    call.on('metadata', () => (headers += 1))
  })
  client.close()
  assert.deepEqual({ answer, headers }, { answer: { error: null, value: Buffer.alloc(0) }, headers: 1 })
  assert.equal(server.requests.length, 3)
})

test('without retries nothing is repeated', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  using caller = callerOf(server.address, { idempotent }, { 'grpc.enable_retries': 0 })
  const outcome = await caller.call()
  assert.deepEqual([outcome.code, outcome.headersSeen, server.requests.length], [status.INTERNAL, true, 1])
})

test('each attempt has the metadata of the call, what is left of its time, and says how many went before', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 3)
  using caller = callerOf(server.address)
  assert.equal((await caller.call({ metadata: { 'x-user': 'a' }, deadlineMs: 5000 })).code, status.OK)
  assert.deepEqual(
    server.requests.map((headers) => [headers['x-user'], headers['grpc-previous-rpc-attempts']]),
    [
      ['a', undefined],
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
    ],
  )
  const timesLeft = server.requests.map((headers) => Number.parseInt(String(headers['grpc-timeout']), 10))
  assert.deepEqual(
    timesLeft,
    timesLeft.toSorted((one, other) => other - one),
  )
})

test('a call is cut four times at most, and no more when its time is up', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 9)
  using caller = callerOf(server.address)
  const outcome = await caller.call()
  assert.deepEqual([outcome.code, outcome.headersSeen, server.requests.length], [status.INTERNAL, true, 4])
  server.requests.length = 0
  await caller.call({ deadlineMs: 10 })
  assert.equal(server.requests.length, 1)
})

test('cuts of all calls are not multiplied: after 250 they are not repeated any more', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 9999)
  using caller = callerOf(server.address)
  for (let round = 0; round < 10; round += 1) await caller.callAtOnce(100)
  assert.ok(server.requests.length <= 1250, `${server.requests.length} attempts`)
})

test('a call that is cancelled is not repeated, whether an attempt is under way or a pause', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 9)
  const client = new Client(
    server.address,
    credentials.createInsecure(),
    channelOptions(server.address, { idempotent }),
  )
  const bytes = (value: Buffer) => value
  const codes: (number | undefined)[] = []
  for (const attempts of [0, 1, 2]) {
    server.requests.length = 0
    await new Promise<void>((resolve) => {
      const call = client.makeUnaryRequest(echoPath, bytes, bytes, Buffer.from('call'), (error) => {
        codes.push(error?.code)
        resolve()
      })
      void eventually(() => assert.equal(server.requests.length, attempts)).then(() => call.cancel())
    })
    assert.ok(server.requests.length <= Math.max(attempts, 1))
  }
  client.close()
  assert.deepEqual(codes, [status.CANCELLED, status.CANCELLED, status.CANCELLED])
})

test('a channel that is closed while a call waits for its repeat ends the call', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  const caller = callerOf(server.address)
  const call = caller.call()
  await eventually(() => assert.equal(server.requests.length, 1))
  caller[Symbol.dispose]()
  assert.equal((await call).code, status.INTERNAL)
})

test('a request above 1 MiB is not kept, so its call is not repeated', async () => {
  await using server = await startCuttingServer((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 2)
  using caller = callerOf(server.address)
  assert.notEqual((await caller.call({ body: Buffer.alloc(1024 * 1024 + 1) })).code, status.OK)
  assert.equal(server.requests.length, 1)
  assert.equal((await caller.call({ body: Buffer.alloc(1024 * 1024) })).code, status.OK)
  assert.equal(server.requests.length, 3)
})

test('messages of a stream come when they are sent; it is repeated before its headers, and not after', async () => {
  const frames = [Buffer.alloc(5), Buffer.alloc(5)]
  let streams = 0
  const open: ServerHttp2Stream[] = []
  await using server = await startRawServer((stream) => {
    streams += 1
    if (streams === 1) return stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    stream.respond(grpcHeaders)
    stream.write(frames[0])
    open.push(stream)
  })
  const options = channelOptions(server.address, { idempotent })
  const client = new Client(server.address, credentials.createInsecure(), options)
  const bytes = (value: Buffer) => value
  const list = client.makeServerStreamRequest(echoPath, bytes, bytes, Buffer.from('call'), new Metadata())
  const failed = once(list, 'error').catch((error: unknown) => [error])
  // The stream of the server is still open.
  await once(list, 'data')
  open[0]?.close(constants.NGHTTP2_INTERNAL_ERROR)
  const [error] = await new Promise<unknown[]>((resolve) => list.once('error', (thrown: unknown) => resolve([thrown])))
  await failed
  client.close()
  assert.equal((error as { code?: status }).code, status.INTERNAL)
  assert.equal(streams, 2)
})

test('a dialogue goes on message by message, though its service was named as idempotent', async () => {
  await using service = await startService(primes)
  const options = channelOptions(service.address, { idempotent: ['evenkeel.primes.v1.PrimesService'] })
  using client = connect(PrimesServiceClient, service.address, { ...options, 'grpc.enable_retries': 1 })
  const { call, answers, ended } = openNumberStream(client)
  for (const id of [1n, 2n, 3n]) {
    call.write({ id, number: '91' })
    await eventually(() => assert.equal(answers.at(-1)?.id, id))
  }
  call.end()
  assert.equal((await ended).code, status.OK)
})

test('a call that is made for another one ends with it, also while it waits for its repeat', async () => {
  await using backend = await startBackend('a', { status: status.UNAVAILABLE, pushbackMs: 60_000 })
  const target = `127.0.0.1:${backend.endpoint.port}`
  const client = new Client(target, credentials.createInsecure(), channelOptions(target, { idempotent }))
  const bytes = (value: Buffer) => value
  const onward = Promise.withResolvers<unknown>()
  await using middle = await startFakePrimes({
    checkPrime: (parent) => {
      const call = Buffer.from('call')
      client.makeUnaryRequest(echoPath, bytes, bytes, call, new Metadata(), { parent }, (error) =>
        onward.resolve(error?.code),
      )
    },
  })
  using caller = connect(PrimesServiceClient, middle.address)
  const call = caller.checkPrime({ number: '25' }, () => {})
  await eventually(() => assert.equal(backend.attempts, 1))
  call.cancel()
  assert.equal(await onward.promise, status.CANCELLED)
  client.close()
})
