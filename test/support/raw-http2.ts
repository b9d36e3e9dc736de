import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2'
import { once } from 'node:events'

/** A bare HTTP/2 connection, for what no gRPC client would send. Disposing cuts it. */
export async function rawConnection(address: string): Promise<ClientHttp2Session & Disposable> {
  const session = connect(`http://${address}`)
  session.on('error', () => {})
  await once(session, 'connect')
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() })
}

/** What came back: headers and trailers as one, and how the stream was closed. */
export interface RawAnswer {
  headers: IncomingHttpHeaders
  /** HTTP/2 error code of the stream; 0 when it ended well. */
  rstCode: number
}

/** What to send: the path, the bytes of the body (frame header included), and headers beside the usual ones. */
export interface RawCall {
  path: string
  body?: Buffer
  headers?: OutgoingHttpHeaders
}

/** Sends one call and collects what comes back. */
export function rawCall(session: ClientHttp2Session, { path, body, headers = {} }: RawCall): Promise<RawAnswer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    ...headers,
  })
  const answer: RawAnswer = { headers: {}, rstCode: 0 }
  stream.on('response', (received) => Object.assign(answer.headers, received))
  stream.on('trailers', (received) => Object.assign(answer.headers, received))
  stream.on('error', () => {})
  stream.resume()
  stream.end(body)
  return new Promise((resolve) => {
    stream.on('close', () => resolve({ ...answer, rstCode: stream.rstCode }))
  })
}

/** A message in the frame of gRPC: one byte that says whether it is compressed, four of length. */
export function frame(message: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(compressed ? 1 : 0, 0)
  head.writeUInt32BE(message.byteLength, 1)
  return Buffer.concat([head, message])
}
