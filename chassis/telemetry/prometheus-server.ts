import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** Where metrics are read. */
export interface PrometheusServerOptions {
  host: string
  /** 0: any free port. */
  port: number
  /** Writes all metrics into the response and ends it. */
  answer(request: IncomingMessage, response: ServerResponse): void
}

/** A server that is up; disposing ends it and its connections. */
export interface PrometheusServer extends AsyncDisposable {
  /** The port that was bound. */
  port: number
}

/**
 * Serves `GET /metrics`. The exporter's own server takes port 0 for its default port and reports a port in use to nobody.
 * Rejects when the port cannot be bound.
 */
export async function startPrometheusServer(options: PrometheusServerOptions): Promise<PrometheusServer> {
  const { host, port } = options
  const server = createServer((request, response) => {
    if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end()
    else if (request.url?.split('?', 1)[0] !== '/metrics') response.writeHead(404).end('metrics are at /metrics\n')
    else {
      options.answer(request, response)
      // The exporter names no version, which Prometheus 3 would have to guess.
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    }
  })
  server.listen({ host, port })
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new Error(`metrics port: cannot listen on ${host}:${port}; choose another port, or 0 for any`, { cause })
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port')
  return {
    port: bound.port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
