import { Buffer } from 'node:buffer'
import type { Client, MethodDefinition } from '@grpc/grpc-js'

/** A method whose messages are plain text, for workloads that have no contract. */
export function textMethod<const RequestStream extends boolean, const ResponseStream extends boolean>(
  path: string,
  { requestStream, responseStream }: { requestStream: RequestStream; responseStream: ResponseStream },
): MethodDefinition<string, string> & { requestStream: RequestStream; responseStream: ResponseStream } {
  const serialize = (text: string): Buffer => Buffer.from(text)
  const deserialize = (bytes: Buffer): string => bytes.toString()
  return {
    path,
    requestStream,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  }
}

/** Sends all of `texts` in one call of a client-streaming method; resolves with the status and the answer, if any. */
export function callClientStream(
  client: Client,
  method: MethodDefinition<string, string>,
  texts: readonly string[],
): Promise<{ code: number; details: string; response: string | undefined }> {
  return new Promise((resolve) => {
    let response: string | undefined
    const { path, requestSerialize, responseDeserialize } = method
    const call = client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (_error, answer) => {
      response = answer
    })
    call.on('status', ({ code, details }) => setImmediate(() => resolve({ code, details, response })))
    for (const text of texts) call.write(text)
    call.end()
  })
}
