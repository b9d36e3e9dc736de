/** What the standard OTEL_* variables ask for. */
export interface ExportsWanted {
  /** Spans go to where OTEL_TRACES_EXPORTER says, or by OTLP. */
  traces: boolean
  /** Metrics go out by OTLP, by this protocol; undefined: they do not. */
  otlpMetrics: OtlpProtocol | undefined
  /** Milliseconds between two exports of metrics, and until one is given up. */
  metricIntervalMs: number
  metricTimeoutMs: number
  /** What was asked for and is not done, for the log. */
  problems: string[]
}

/** The transports of OTLP. */
export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc'

type Environment = Readonly<Record<string, string | undefined>>

const otlpProtocols: readonly string[] = ['http/protobuf', 'http/json', 'grpc'] satisfies OtlpProtocol[]

/**
 * Reads which signals are exported. The SDK's own defaults would send every signal to localhost as soon as one is
 * configured; here a signal is exported when its exporter is named, or an OTLP endpoint for it is.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function exportsWanted(env: Environment): ExportsWanted {
  const disabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
  const exporters = (signal: string) => (disabled ? [] : exportersOf(env, signal))
  const metricExporters = exporters('METRICS')
  const problems = metricExporters
    .filter((name) => name !== 'otlp')
    .map(
      (name) => `OTEL_METRICS_EXPORTER: "${name}" is not supported; use otlp, none, or the metrics port for Prometheus`,
    )
  if (exporters('LOGS').length > 0 && env['OTEL_LOGS_EXPORTER']) {
    problems.push('OTEL_LOGS_EXPORTER: log lines go to stdout only; collect them there')
  }
  const metricIntervalMs = milliseconds(env['OTEL_METRIC_EXPORT_INTERVAL'], 60_000)
  return {
    traces: exporters('TRACES').length > 0,
    otlpMetrics: metricExporters.includes('otlp') ? protocolOf(env, problems) : undefined,
    metricIntervalMs,
    metricTimeoutMs: Math.min(milliseconds(env['OTEL_METRIC_EXPORT_TIMEOUT'], 30_000), metricIntervalMs),
    problems,
  }
}

function exportersOf(env: Environment, signal: string): string[] {
  const named = env[`OTEL_${signal}_EXPORTER`]
  const hasEndpoint = Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`])
  if (!named?.trim()) return hasEndpoint ? ['otlp'] : []
  const names = named.split(',').map((name) => name.trim())
  return names.includes('none') ? [] : names.filter((name) => name !== '')
}

function protocolOf(env: Environment, problems: string[]): OtlpProtocol {
  const named = (env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'])?.trim()
  if (isProtocol(named)) return named
  if (named) problems.push(`OTLP protocol "${named}" is not one of ${otlpProtocols.join(', ')}; http/protobuf is used`)
  return 'http/protobuf'
}

function isProtocol(name: string | undefined): name is OtlpProtocol {
  return name !== undefined && otlpProtocols.includes(name)
}

/** A positive number of milliseconds; `otherwise` for what is none. */
function milliseconds(text: string | undefined, otherwise: number): number {
  const value = Number(text)
  return text?.trim() && Number.isFinite(value) && value > 0 ? value : otherwise
}
