import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { Client, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { isCallFailure } from '../../client/call-failure.ts'
import { CommandError } from '../command-error.ts'
import { commandErrorFrom } from '../primes/call-failure.ts'
import { clientOf, type ServiceSite } from '../service-site.ts'
import { bytesOfField, textsOfField } from './protobuf-fields.ts'

/** Versions of one protocol: v1alpha is v1 by another name. */
const versions = ['v1', 'v1alpha'] as const
/** Milliseconds for each question. */
const timeoutMs = 5000

// Numbers of fields, of grpc/reflection/v1/reflection.proto and google/protobuf/descriptor.proto.
const askByFileName = 3
const askBySymbol = 4
const answerFiles = 4
const answerError = 7
const fileName = 1
const fileDependency = 3

interface Question {
  field: number
  text: string
}

/**
 * Asks a server by gRPC reflection for the files that declare a symbol, with all that these import: a serialized
 * FileDescriptorSet. Rejects with a `CommandError` when it does not reflect or has no such symbol.
 */
export async function reflect(site: ServiceSite, symbol: string): Promise<Buffer> {
  const client = new Client(...clientOf(site))
  try {
    return await collectFiles(client, symbol)
  } catch (thrown) {
    if (isCallFailure(thrown) && thrown.code === status.UNIMPLEMENTED) {
      throw new CommandError(
        `UNIMPLEMENTED: ${site.target} offers no reflection; a replica of ours does with --reflection`,
      )
    }
    throw commandErrorFrom(thrown, { ...site, deadlineMs: timeoutMs })
  } finally {
    client.close()
  }
}

async function collectFiles(client: Client, symbol: string): Promise<Buffer> {
  const files = new Map<string, Uint8Array>()
  const questions: Question[] = [{ field: askBySymbol, text: symbol }]
  for (let question = questions.pop(); question; question = questions.pop()) {
    if (question.field === askByFileName && files.has(question.text)) continue
    for (const file of await ask(client, question)) {
      files.set(textsOfField(file, fileName)[0] ?? '', file)
      questions.push(...textsOfField(file, fileDependency).map((text) => ({ field: askByFileName, text })))
    }
  }
  const set = new BinaryWriter()
  for (const file of files.values()) set.uint32(fileTag).bytes(file)
  return Buffer.from(set.finish())
}

/** `repeated FileDescriptorProto file = 1`, length-delimited. */
const fileTag = (1 << 3) | 2

async function ask(client: Client, question: Question): Promise<Uint8Array[]> {
  const answer = await askEither(client, question)
  const [error] = bytesOfField(answer, answerError)
  if (error !== undefined)
    throw new CommandError(`${question.text}: the server knows no such thing (${textsOfField(error, 2)[0]})`)
  return bytesOfField(answer, answerFiles).flatMap((files) => bytesOfField(files, 1))
}

async function askEither(client: Client, question: Question): Promise<Buffer> {
  const [newer, older] = versions
  try {
    return await askVersion(client, question, newer)
  } catch (thrown) {
    if (!isCallFailure(thrown) || thrown.code !== status.UNIMPLEMENTED) throw thrown
    return askVersion(client, question, older)
  }
}

function askVersion(client: Client, { field, text }: Question, version: string): Promise<Buffer> {
  const bytes = (value: Buffer): Buffer => value
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`
  const request = Buffer.from(
    new BinaryWriter()
      .uint32((field << 3) | 2)
      .string(text)
      .finish(),
  )
  const options = { deadline: Date.now() + timeoutMs }
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(path, bytes, bytes, new Metadata(), options)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  stream.on('data', resolve)
  stream.on('error', (error: ServiceError) => reject(error))
  stream.on('end', () => reject(new CommandError('the server ended its reflection without an answer')))
  stream.end(request)
  return promise
}
