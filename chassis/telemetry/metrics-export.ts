import type { Meter } from '@opentelemetry/api'
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { ExportsWanted, OtlpProtocol } from './exports-wanted.ts'
import { type PrometheusServerOptions, startPrometheusServer } from './prometheus-server.ts'
import type { ResourceFacts } from './resource.ts'

/** Where metrics go: to a port that Prometheus reads, to a collector by OTLP, or both. */
export interface MetricsExportOptions {
  facts: ResourceFacts
  /** Where Prometheus reads; undefined: nowhere. */
  prometheus: { host: string; port: number } | undefined
  wanted: ExportsWanted
}

/** Metrics that are exported. Disposing exports what is left and closes the port; it takes as long as the collector does. */
export interface MetricsExport extends AsyncDisposable {
  meter: Meter
  /** The Prometheus port that was bound. */
  port: number | undefined
}

/**
 * Starts the metrics SDK alone, without sdk-node: for a replica that is only read by Prometheus this saves 9 MB and 45 ms from
 * source, 2 MB and 16 ms bundled. Rejects when the port cannot be bound.
 */
export async function startMetricsExport({ facts, prometheus, wanted }: MetricsExportOptions): Promise<MetricsExport> {
  const [{ metrics }, { MeterProvider, PeriodicExportingMetricReader }, { createResource }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-metrics'),
    import('./resource.ts'),
  ])
  const exporter = wanted.otlpMetrics && (await createOtlpExporter(wanted.otlpMetrics))
  const port = prometheus && (await openPrometheusPort(prometheus))
  const periodic =
    exporter &&
    new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: wanted.metricIntervalMs,
      exportTimeoutMillis: wanted.metricTimeoutMs,
    })
  const readers = [port?.reader, periodic].filter((reader) => reader !== undefined)
  const provider = new MeterProvider({ resource: createResource(facts), readers })
  const isGlobal = metrics.setGlobalMeterProvider(provider)
  return {
    meter: provider.getMeter('evenkeel'),
    port: port?.server.port,
    [Symbol.asyncDispose]: async () => {
      if (isGlobal) metrics.disable()
      await Promise.all([provider.shutdown(), port?.server[Symbol.asyncDispose]()])
    },
  }
}

async function openPrometheusPort({ host, port }: { host: string; port: number }) {
  const { PrometheusExporter } = await import('@opentelemetry/exporter-prometheus')
  const reader = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true })
  const answer: PrometheusServerOptions['answer'] = (...request) => reader.getMetricsRequestHandler(...request)
  return { reader, server: await startPrometheusServer({ host, port, answer }) }
}

async function createOtlpExporter(protocol: OtlpProtocol): Promise<PushMetricExporter> {
  switch (protocol) {
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter()
    case 'http/json':
      return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter()
    case 'grpc':
      return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter()
    default:
      return protocol satisfies never
  }
}
