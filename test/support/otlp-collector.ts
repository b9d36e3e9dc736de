import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]])))
const resource = z.object({ attributes })
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.coerce.bigint(),
  endTimeUnixNano: z.coerce.bigint(),
  attributes,
})
const traces = z.object({
  resourceSpans: z.array(z.object({ resource, scopeSpans: z.array(z.object({ spans: z.array(span) })) })),
})
const metrics = z.object({
  resourceMetrics: z.array(
    z.object({ resource, scopeMetrics: z.array(z.object({ metrics: z.array(z.object({ name: z.string() })) })) }),
  ),
})

/** One span as a collector receives it. */
export type ReceivedSpan = z.infer<typeof span> & { resource: Record<string, unknown> }

/** A collector that takes OTLP as JSON (`OTEL_EXPORTER_OTLP_PROTOCOL=http/json`). */
export interface OtlpCollector extends AsyncDisposable {
  /** What a replica needs in its environment to export here. */
  environment: Record<string, string>
  spans: ReceivedSpan[]
  metricNames: Set<string>
  /** Requests that wait for an answer. */
  waiting: number
}

/** Starts a collector on a free port. One that is `silent` takes requests and never answers. */
export async function startOtlpCollector(options: { silent?: boolean } = {}): Promise<OtlpCollector> {
  const received = { spans: [] as ReceivedSpan[], metricNames: new Set<string>(), waiting: 0 }
  const server = createServer((request, response) => {
    received.waiting += 1
    response.on('close', () => (received.waiting -= 1))
    if (!options.silent) void take(request, response)
  })
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body: unknown = JSON.parse(await text(request))
    if (request.url === '/v1/traces') received.spans.push(...spansIn(body))
    if (request.url === '/v1/metrics') for (const name of metricNamesIn(body)) received.metricNames.add(name)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return Object.assign(received, {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}

function spansIn(body: unknown): ReceivedSpan[] {
  return traces
    .parse(body)
    .resourceSpans.flatMap(({ resource: { attributes: of }, scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans.map((received) => ({ ...received, resource: of }))),
    )
}

function metricNamesIn(body: unknown): string[] {
  return metrics
    .parse(body)
    .resourceMetrics.flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) => scope.metrics.map(({ name }) => name)),
    )
}
