import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire'
import { status } from '@grpc/grpc-js'
import { primes } from '../../service/primes/workload.ts'
import { frame, rawConnection, rawStream } from '../support/raw-http2.ts'
import { startService } from '../support/service.ts'

/** Fields of grpc.reflection.v1.ServerReflectionRequest. */
const request = { fileByFilename: 3, fileContainingSymbol: 4, listServices: 7 } as const
/** Fields of grpc.reflection.v1.ServerReflectionResponse. */
const response = { files: 4, services: 6, error: 7 } as const

for (const version of ['v1', 'v1alpha'] as const) {
  test(`reflection ${version} lists the service and its health`, async () => {
    await using service = await startService(primes, '--reflection')
    const { answers } = await reflect(service.address, version, { listServices: '*' })
    const names = fieldsOf(answers[0]?.[response.services]?.[0])
      .get(1)
      ?.map((item) => text(fieldsOf(item).get(1)?.[0]))
    assert.deepEqual(names?.toSorted(), ['evenkeel.primes.v1.PrimesService', 'grpc.health.v1.Health'])
  })

  test(`reflection ${version} finds a file by a symbol in it, with everything that it imports`, async () => {
    await using service = await startService(primes, '--reflection')
    for (const symbol of [
      'evenkeel.primes.v1.PrimesService',
      'evenkeel.primes.v1.CheckPrimeStreamResponse',
      'google.rpc.Status',
    ]) {
      const { answers } = await reflect(service.address, version, { fileContainingSymbol: symbol })
      const files = (fieldsOf(answers[0]?.[response.files]?.[0]).get(1) ?? []).map((file) => fieldsOf(file))
      const names = new Set(files.map((file) => text(file.get(1)?.[0])))
      const imports = files.flatMap((file) => (file.get(3) ?? []).map((name) => text(name)))
      assert.ok(names.has('google/rpc/status.proto'), symbol)
      assert.deepEqual(
        imports.filter((name) => !names.has(name)),
        [],
        symbol,
      )
    }
  })
}

test('a symbol and a file that do not exist are errors of their own, and the stream goes on', async () => {
  await using service = await startService(primes, '--reflection')
  const { answers, grpcStatus } = await reflect(service.address, 'v1', {
    fileContainingSymbol: 'no.such.Symbol',
    fileByFilename: 'no/such/file.proto',
    listServices: '*',
  })
  assert.deepEqual(
    answers.map((answer) =>
      Object.keys(answer)
        .map(Number)
        .filter((field) => field > 3),
    ),
    [[response.error], [response.error], [response.services]],
  )
  assert.equal(grpcStatus, '0')
})

test('without being asked for there is no reflection', async () => {
  await using service = await startService(primes)
  const { grpcStatus } = await reflect(service.address, 'v1', { listServices: '*' })
  assert.equal(grpcStatus, String(status.UNIMPLEMENTED))
})

/** Asks one stream all of `questions` and reads it to its end. Answers are fields by number, each a list. */
async function reflect(
  address: string,
  version: 'v1' | 'v1alpha',
  questions: Partial<Record<keyof typeof request, string>>,
): Promise<{ answers: Record<number, Uint8Array[]>[]; grpcStatus: string | undefined }> {
  using session = await rawConnection(address)
  const stream = rawStream(session, { path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo` })
  for (const [question, value] of Object.entries(questions) as [keyof typeof request, string][]) {
    const writer = new BinaryWriter().tag(request[question], 2).string(value)
    stream.write(frame(Buffer.from(writer.finish())))
  }
  stream.end()
  const { messages, headers } = await stream.answer
  return {
    answers: messages.map((message) => Object.fromEntries(fieldsOf(message))),
    grpcStatus: headers['grpc-status']?.toString(),
  }
}

/** The fields of a message that have a length: bytes, texts, messages. */
function fieldsOf(message: Uint8Array = new Uint8Array()): Map<number, Uint8Array[]> {
  const fields = new Map<number, Uint8Array[]>()
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (wireType !== 2) {
      reader.skip(wireType)
      continue
    }
    fields.set(field, [...(fields.get(field) ?? []), reader.bytes()])
  }
  return fields
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes)
}
