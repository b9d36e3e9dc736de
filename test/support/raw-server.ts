import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { RunningServer } from './fake-primes.ts'

/** What an answer of gRPC begins with. */
export const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc' }

/** An HTTP/2 server that speaks just as much gRPC as a test wants it to; its health service knows no method. */
export async function startRawServer(
  onCall: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<RunningServer> {
  const server = createServer()
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    // Resets are part of the test.
    session.on('error', () => {})
    sessions.add(session)
  })
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => {})
    if (headers[':path'] === '/grpc.health.v1.Health/Check')
      stream.respond({ ...grpcHeaders, 'grpc-status': '12' }, { endStream: true })
    else onCall(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    for (const session of sessions) session.destroy()
    server.close()
    await once(server, 'close')
  }
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: stop }
}

/** A whole answer: one message of no bytes, and OK. */
export function answerWithEmptyMessage(stream: ServerHttp2Stream): void {
  stream.respond(grpcHeaders, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.alloc(5))
}
