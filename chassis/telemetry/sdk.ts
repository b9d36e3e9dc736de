import type { Meter, Tracer } from '@opentelemetry/api'
import type { Logger } from 'pino'
import { logExportProblems } from './events.ts'
import { type ExportsWanted, exportsWanted } from './exports-wanted.ts'
import type { ResourceFacts } from './resource.ts'

/** What is exported, as whom, and where problems are told. */
export interface SdkOptions extends ResourceFacts {
  /** Port that Prometheus reads; 0 for any free one, undefined for none. */
  metricsPort: number | undefined
  metricsHost: string
  /** Says which OTEL_* variables are set. Exporters read the environment of the process for the rest. */
  env: Readonly<Record<string, string | undefined>>
  logger: Logger
}

/** The exports of one process. Disposing exports what is left, within a second. */
export interface Sdk extends AsyncDisposable {
  /** Undefined when no metrics are exported. */
  meter: Meter | undefined
  /** Undefined when no traces are exported. */
  tracer: Tracer | undefined
  /** The Prometheus port that was bound. */
  metricsPort: number | undefined
}

/** A collector that is away must not hold the exit: what it has not taken by then is lost. */
const flushTimeoutMs = 1000

/**
 * Starts what is exported and loads nothing that is not: without a metrics port and OTEL_* variables it costs nothing.
 * Rejects when the metrics port cannot be bound; a collector that is away is logged.
 */
export async function startSdk(options: SdkOptions): Promise<Sdk> {
  const wanted = exportsWanted(options.env)
  const report = logExportProblems(options.logger)
  for (const problem of wanted.problems) report(problem)
  const metricsWanted = options.metricsPort !== undefined || wanted.otlpMetrics !== undefined
  await using unlessAllStart = new AsyncDisposableStack()
  if (metricsWanted || wanted.traces) unlessAllStart.defer(await followDiagnostics(report))
  const traces = wanted.traces ? unlessAllStart.use(await startTraces(options)) : undefined
  const metrics = metricsWanted ? unlessAllStart.use(await startMetrics(options, wanted)) : undefined
  unlessAllStart.move()
  return {
    meter: metrics?.meter,
    tracer: traces?.tracer,
    metricsPort: metrics?.port,
    [Symbol.asyncDispose]: async () => {
      // Side by side: a collector of traces that is away must not cost the metrics their last export.
      const ended = Promise.all([end(traces, report), end(metrics, report)])
      if (!(await settlesWithin(flushTimeoutMs, ended))) report(`not everything was exported in ${flushTimeoutMs} ms`)
    },
  }
}

async function end(part: AsyncDisposable | undefined, report: (problem: unknown) => void): Promise<void> {
  try {
    await part?.[Symbol.asyncDispose]()
  } catch (error) {
    report(error)
  }
}

async function startMetrics(options: SdkOptions, wanted: ExportsWanted) {
  const { startMetricsExport } = await import('./metrics-export.ts')
  const { metricsHost: host, metricsPort: port } = options
  return startMetricsExport({ facts: options, prometheus: port === undefined ? undefined : { host, port }, wanted })
}

async function startTraces(facts: ResourceFacts) {
  const { startTracesExport } = await import('./traces-export.ts')
  return startTracesExport(facts)
}

/** Exporters tell their failures to the SDK's diagnostics only, also those after the end. Returns what ends it. */
async function followDiagnostics(report: (problem: string) => void): Promise<() => void> {
  const { diag, DiagLogLevel } = await import('@opentelemetry/api')
  const tell = (message: string, ...details: unknown[]) => report([message, ...details].map(String).join(' '))
  // The level keeps back what is below a warning.
  const logger = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  return () => diag.disable()
}

/** False when `done` takes longer. */
async function settlesWithin(timeoutMs: number, done: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), timeoutMs)
  const settled = await Promise.race([done.then(() => true), late])
  clearTimeout(timer)
  return settled
}
