import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, type ClientReadableStream, Metadata, type MethodDefinition, status } from '@grpc/grpc-js'
import { type CallContext, defineWorkload, moduleBeside } from '../../chassis/workload.ts'
import { StatusError } from '../../chassis/status-error.ts'
import { Duration } from '../../gen/google/protobuf/duration.ts'
import { Status } from '../../gen/google/rpc/status.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { callClientStream, textMethod } from '../support/text-method.ts'
import { connect, startService } from '../support/service.ts'

const duration = {
  typeUrl: 'type.googleapis.com/google.protobuf.Duration',
  value: Duration.encode({ seconds: 7n, nanos: 0 }).finish(),
}
const detail = { ...duration, value: Buffer.from(duration.value) }

const SpeakingService = {
  say: textMethod('/test.v1.SpeakingService/Say', { requestStream: false, responseStream: false }),
  list: textMethod('/test.v1.SpeakingService/List', { requestStream: false, responseStream: true }),
  join: textMethod('/test.v1.SpeakingService/Join', { requestStream: true, responseStream: false }),
} as const

/** Aborted when a handler whose call ended by a status of its own choice is told so. */
const stopped = new Set<unknown>()

const metadataOf = (entries: Record<string, string | Buffer>): Metadata => {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value)
  return metadata
}

/** Does what the words of a request say, one after the other. */
function act(words: string, call: CallContext): void {
  for (const word of words.split(' ')) {
    if (word === 'headers') call.sendHeaders(metadataOf({ 'x-early': 'yes', 'x-early-bin': Buffer.from([0, 255]) }))
    if (word === 'trailers') call.trailers.set('x-late', 'yes')
    if (word === 'not-found') throw new StatusError(status.NOT_FOUND, 'no such thing ☺', { details: [detail] })
    if (word === 'exhausted') throw new StatusError(status.RESOURCE_EXHAUSTED, 'your quota', { cause: 'secret' })
    if (word === 'unknown') throw new StatusError(status.UNKNOWN, 'nobody knows')
    if (word === 'fault') throw new Error('secret')
  }
}

const speaking = defineWorkload({
  name: 'speaking',
  service: SpeakingService,
  handlers: {
    say: (words, call) => {
      act(words, call)
      return call.metadata.get('x-asked').map(String).join(' ')
    },
    list: async function* (words, call) {
      call.signal.addEventListener('abort', () => stopped.add(call.signal.reason))
      act(words.split(' then ')[0] ?? '', call)
      if (words.startsWith('headers')) await eventually(() => assert.ok(readHeaders.has(words)))
      yield 'one'
      act(words.split(' then ')[1] ?? '', call)
    },
    join: async (texts, call) => {
      const all: string[] = []
      for await (const text of texts) all.push(text)
      act(all.join(' '), call)
      return 'joined'
    },
  },
  tasks: moduleBeside('../support/tasks/fails', import.meta.url),
  idempotent: true,
})

/** Requests of `list` whose caller has read the headers. */
const readHeaders = new Set<string>()

const say = async (request: string, metadata: Record<string, string> = {}) => {
  await using service = await startService(speaking)
  using client = connect(Client, service.address)
  return await callUnary(client, SpeakingService.say, { request, options: { metadata } })
}

test('a handler reads the metadata of its caller, without what belongs to HTTP/2 and gRPC', async () => {
  const naming = defineWorkload({
    ...speaking,
    handlers: { ...speaking.handlers, say: (_, call) => Object.keys(call.metadata.getMap()).toSorted().join(' ') },
  })
  await using service = await startService(naming)
  using client = connect(Client, service.address)
  const options = { metadata: { 'x-asked': 'a' }, timeoutMs: 5000 }
  assert.equal((await callUnary(client, SpeakingService.say, { request: '', options })).response, 'user-agent x-asked')
  assert.equal((await say('', { 'x-asked': 'who' })).response, 'who')
})

test('trailers of a handler go with its answer and with its error, beside those that say who served', async () => {
  for (const [request, code] of [
    ['trailers', status.OK],
    ['trailers not-found', status.NOT_FOUND],
    ['trailers fault', status.INTERNAL],
  ] as const) {
    const outcome = await say(request)
    assert.equal(outcome.code, code)
    assert.deepEqual(outcome.trailers.get('x-late'), ['yes'])
    assert.deepEqual(outcome.trailers.get('evenkeel-pod'), ['test-pod'])
  }
})

test('headers of a handler reach the caller before its first response', async () => {
  await using service = await startService(speaking)
  using client = connect(Client, service.address)
  const { headers, texts, code, trailers } = await list(client, 'headers then trailers not-found')
  assert.deepEqual(headers?.get('x-early'), ['yes'])
  assert.deepEqual(headers?.get('x-early-bin'), [Buffer.from([0, 255])])
  assert.deepEqual(texts, ['one'])
  assert.equal(code, status.NOT_FOUND)
  assert.deepEqual(trailers.get('x-late'), ['yes'])
})

test('an error without headers is sent as trailers only, one after headers is not', async () => {
  assert.equal((await say('not-found')).hadHeaders, false)
  assert.equal((await say('headers not-found')).hadHeaders, true)
})

test('headers that come a second time or after a response are a fault of the workload', async () => {
  await using service = await startService(speaking)
  using client = connect(Client, service.address)
  assert.equal((await say('headers headers')).code, status.INTERNAL)
  assert.equal((await list(client, ' then headers')).code, status.INTERNAL)
})

test('a status that a handler chooses reaches its caller with its text and details, whatever the code', async () => {
  const missing = await say('not-found')
  assert.equal(missing.code, status.NOT_FOUND)
  assert.equal(missing.details, 'no such thing ☺')
  const [bytes = ''] = missing.trailers.get('grpc-status-details-bin')
  assert.deepEqual(Status.decode(bytes as Buffer), { code: 5, message: 'no such thing ☺', details: [detail] })
  for (const [request, code, details] of [
    ['exhausted', status.RESOURCE_EXHAUSTED, 'your quota'],
    ['unknown', status.UNKNOWN, 'nobody knows'],
  ] as const) {
    const outcome = await say(request)
    assert.deepEqual([outcome.code, outcome.details], [code, details])
    assert.deepEqual(outcome.trailers.get('grpc-status-details-bin'), [])
    assert.deepEqual(outcome.trailers.get('grpc-retry-pushback-ms'), [])
  }
})

test('a chosen status ends streams of either side, and whatever still works for the call is told', async () => {
  await using service = await startService(speaking)
  using client = connect(Client, service.address)
  const { code, texts } = await list(client, ' then not-found')
  assert.deepEqual([code, texts], [status.NOT_FOUND, ['one']])
  await eventually(() => assert.ok([...stopped].some((reason) => reason instanceof StatusError)))
  const joined = await callClientStream(client, SpeakingService.join, ['a', 'not-found'])
  assert.deepEqual([joined.code, joined.details], [status.NOT_FOUND, 'no such thing ☺'])
})

test('OK and numbers that are no status cannot be thrown', () => {
  assert.throws(() => new StatusError(status.OK, 'well'), /status 0: an error has a status of gRPC from 1 to 16/)
  assert.throws(() => new StatusError(17 as status, 'more'), /status 17/)
})

interface Listed {
  headers: Metadata | undefined
  texts: string[]
  code: number
  trailers: Metadata
}

function list(client: Client, request: string): Promise<Listed> {
  const { path, requestSerialize, responseDeserialize }: MethodDefinition<string, string> = SpeakingService.list
  const call: ClientReadableStream<string> = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
  )
  let headers: Metadata | undefined
  const texts: string[] = []
  call.on('metadata', (metadata) => {
    headers = metadata
    readHeaders.add(request)
  })
  call.on('data', (text: string) => texts.push(text))
  call.on('error', () => {})
  return new Promise((resolve) => {
    call.on('status', ({ code, metadata: trailers }) => setImmediate(() => resolve({ headers, texts, code, trailers })))
  })
}
