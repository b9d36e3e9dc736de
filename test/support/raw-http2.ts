import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

/** A bare HTTP/2 connection, for what no gRPC client would send; by TLS where its options are given. Disposing cuts it. */
export async function rawConnection(
  address: string,
  tls?: SecureClientSessionOptions,
): Promise<ClientHttp2Session & Disposable> {
  const session = tls ? connect(`https://${address}`, tls) : connect(`http://${address}`)
  session.on('error', () => {})
  await once(session, 'connect')
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() })
}

/** What a client sends first: the preface of HTTP/2, and settings that change nothing. */
export const opening = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
])

/** A connection of `silentConnection`; `closed` resolves when the other end has ended it, in whichever way. */
export interface SilentConnection extends Disposable {
  socket: Socket
  closed: Promise<void>
}

/** A connection that begins HTTP/2 and never says anything more, as one whose caller has vanished. Disposing cuts it. */
export async function silentConnection(address: string): Promise<SilentConnection> {
  const { hostname: host, port } = new URL(`http://${address}`)
  const socket = createConnection({ host, port: Number(port) })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(opening)
  socket.resume()
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return { socket, closed, [Symbol.dispose]: () => void socket.destroy() }
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
export function rawCall(session: ClientHttp2Session, { body, ...call }: RawCall): Promise<RawAnswer> {
  const stream = rawStream(session, call)
  stream.end(body)
  return stream.answer
}

/** Begins a call whose body is written to the stream that is returned; `paused` does not read until it is resumed. */
export function rawStream(
  session: ClientHttp2Session,
  { path, headers = {}, paused = false }: Omit<RawCall, 'body'> & { paused?: boolean },
): ClientHttp2Stream & { answer: Promise<RawAnswer & { messages: Buffer[] }> } {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    ...headers,
  })
  const received: IncomingHttpHeaders = {}
  const chunks: Buffer[] = []
  stream.on('response', (some) => Object.assign(received, some))
  stream.on('trailers', (some) => Object.assign(received, some))
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (paused) stream.pause()
  const answer = new Promise<RawAnswer & { messages: Buffer[] }>((resolve) => {
    stream.on('close', () =>
      resolve({ headers: received, rstCode: stream.rstCode ?? 0, messages: unframe(Buffer.concat(chunks)) }),
    )
  })
  return Object.assign(stream, { answer })
}

/** The messages of a body. */
function unframe(body: Buffer): Buffer[] {
  const messages: Buffer[] = []
  for (let at = 0; at + 5 <= body.byteLength; ) {
    const end = at + 5 + body.readUInt32BE(at + 1)
    messages.push(body.subarray(at + 5, end))
    at = end
  }
  return messages
}

/** A message in the frame of gRPC: one byte that says whether it is compressed, four of length. */
export function frame(message: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(compressed ? 1 : 0, 0)
  head.writeUInt32BE(message.byteLength, 1)
  return Buffer.concat([head, message])
}
