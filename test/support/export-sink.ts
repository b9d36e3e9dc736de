import { once } from 'node:events'
import { createServer, type ServerHttp2Stream } from 'node:http2'
import { createServer as createServer1 } from 'node:http'

/** Takes telemetry by one of the protocols of OTLP and keeps the path of every export. */
export interface ExportSink extends AsyncDisposable {
  readonly port: number
  readonly paths: Set<string>
}

/** A collector that answers HTTP exports (`/v1/traces`) with an empty success. */
export async function startHttpSink(): Promise<ExportSink> {
  const paths = new Set<string>()
  const server = createServer1((request, response) => {
    paths.add(request.url ?? '')
    request.resume().on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    paths,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A collector that answers gRPC exports with an empty message. */
export async function startGrpcSink(): Promise<ExportSink> {
  const paths = new Set<string>()
  const sessions = new Set<{ destroy(): void }>()
  const server = createServer().on('session', (session) => sessions.add(session))
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    paths.add(String(headers[':path']))
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      // An uncompressed message of no bytes.
      stream.end(Buffer.alloc(5))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    paths,
    [Symbol.asyncDispose]: async () => {
      server.close()
      for (const session of sessions) session.destroy()
      await once(server, 'close')
    },
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
