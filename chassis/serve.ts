import type { ServiceDefinition } from '@grpc/grpc-js'
import type { Config } from './config.ts'
import { type DrainReport, drain } from './drain.ts'
import { CallError } from './errors.ts'
import { registerWorkload } from './handlers/register.ts'
import { createHealth } from './health.ts'
import { type InFlight, trackInFlight } from './interceptors/in-flight.ts'
import { callOf, interceptWith } from './interceptors/intercept.ts'
import { interceptorsOf } from './interceptors/order.ts'
import { Lifecycle } from './lifecycle.ts'
import { LoadMeter } from './load-report/load-meter.ts'
import { createReportStreams } from './load-report/report-streams.ts'
import { bind } from './listen/bind.ts'
import { answerUnknownMethods, createHardenedServer, type HardenedServer, hasMethod } from './listen/hardened-server.ts'
import { closeNow } from './listen/leave.ts'
import type { Tls } from './listen/tls.ts'
import { tlsOf } from './listen/tls-settings.ts'
import { addReflection } from './reflection.ts'
import { startTelemetry, type Telemetry } from './telemetry/telemetry.ts'
import { availableCpus, workersFor } from './workers/cpu-limit.ts'
import type { WorkerPool } from './workers/pool.ts'
import { startPool } from './workers/start-pool.ts'
import type { Workload } from './workload.ts'

/** What is served, and how. */
export interface ServeOptions<Definition extends ServiceDefinition> {
  workload: Workload<Definition>
  config: Config
  /** The environment that OpenTelemetry reads its standard OTEL_* variables from. */
  env: Readonly<Record<string, string | undefined>>
  /** Aborts a start that has not finished; `serve` then rejects with its reason and leaves nothing behind. */
  signal?: AbortSignal
}

/** A replica that serves. Disposing it ends it at once; `drain` ends it without losing a call. */
export interface Service extends AsyncDisposable {
  readonly lifecycle: Lifecycle
  /** Ports that were taken, by purpose. */
  readonly ports: { grpc: number; health: number; metrics: number | undefined }
  readonly pool: WorkerPool
  /** Leaves without losing a call and resolves when everything is closed. `hurry` ends what still runs at once. */
  drain(hurry?: AbortSignal): Promise<DrainReport>
}

/** Starts a replica: opens its parts in order, is SERVING when it resolves. On failure what was opened is closed again. */
export async function serve<Definition extends ServiceDefinition>(options: ServeOptions<Definition>): Promise<Service> {
  await using opened = new AsyncDisposableStack()
  const { workload, config, signal } = options
  const startedAtMs = performance.now()
  const lifecycle = new Lifecycle()
  const inFlight = trackInFlight(workload.idempotent)
  const leaving = new AbortController()
  const telemetry = opened.use(await startTelemetry({ config, workload: workload.name, env: options.env }))
  const health = createHealth(lifecycle, [serviceNameOf(workload.service)])

  const probes = createHardenedServer(config, { refused: telemetry.events.connectionRefused })
  opened.defer(() => closeNow(probes))
  health.addToServer(probes.server)
  const healthPort = await bind(probes.server, { host: config.host, port: config.healthPort })

  const cpus = availableCpus()
  const pool = opened.use(
    await startPool({
      tasks: workload.tasks,
      workers: config.workers === 'auto' ? workersFor(cpus) : config.workers,
      queueLimit: config.queueLimit,
      ...(config.delayTargetMs === 0 ? {} : { delayTargetMs: config.delayTargetMs }),
      batchShare: config.batchSharePercent / 100,
      observer: telemetry.poolObserver,
      signal,
    }),
  )

  const load = new LoadMeter({ pool, queueLimit: config.queueLimit, cpus })
  if (config.loadTrailer) opened.use(load.follow())

  const tls = opened.use(await tlsOf(config, { fault: telemetry.events.tlsFault }))
  const hardened = await buildServer(options, { telemetry, inFlight, pool, load, health, tls, leaving })
  opened.defer(() => closeNow(hardened))
  const { host, port } = config
  const grpcPort = await bind(hardened.server, { host, port, credentials: tls?.credentials })
  signal?.throwIfAborted()

  const ports = { grpc: grpcPort, health: healthPort, metrics: telemetry.metricsPort }
  telemetry.observe({ lifecycle, pool, inFlight, connections: hardened.sessions })
  lifecycle.to('serving')
  const startMs = performance.now() - startedAtMs
  telemetry.events.serving({ addresses: addressesOf(config.host, ports), workers: pool.workers, startMs })
  const parts = opened.move()
  return {
    lifecycle,
    ports,
    pool,
    drain: async (hurry = new AbortController().signal) => {
      const { drainDelayMs: delayMs, drainTimeoutMs: timeoutMs } = config
      const report = await drain({ lifecycle, hardened, inFlight, leaving, delayMs, timeoutMs, hurry })
      telemetry.events.drained(report)
      await parts.disposeAsync()
      return report
    },
    [Symbol.asyncDispose]: async () => {
      if (lifecycle.state !== 'stopped') lifecycle.to('stopped')
      await parts.disposeAsync()
    },
  }
}

/** What the server of the workload stands on. */
interface Foundations {
  telemetry: Telemetry
  inFlight: InFlight
  pool: WorkerPool
  load: LoadMeter
  health: ReturnType<typeof createHealth>
  tls: Tls | undefined
  leaving: AbortController
}

/** The server of the workload with everything it answers; nothing listens yet. */
async function buildServer<Definition extends ServiceDefinition>(
  { workload, config }: ServeOptions<Definition>,
  { telemetry, inFlight, pool, load, health, tls, leaving }: Foundations,
): Promise<HardenedServer> {
  const paths = new Set(Object.values(workload.service).map((method) => method.path))
  const originOf = (path: string) =>
    paths.has(path) ? 'workload' : hasMethod(hardened.server, path) ? 'chassis' : 'unknown'
  const serverInterceptor = interceptWith(interceptorsOf(config, { telemetry, inFlight, load }), originOf)
  const hardened = createHardenedServer(config, {
    interceptors: [serverInterceptor],
    refused: telemetry.events.connectionRefused,
    tls,
  })
  registerWorkload(hardened.server, workload, { pool, leaving: leaving.signal })
  health.addToServer(hardened.server)
  createReportStreams(load, leaving.signal).addToServer(hardened.server)
  if (config.reflection && workload.descriptors) await addReflection(hardened.server, workload.descriptors)
  answerUnknownMethods(hardened.server, ({ metadata }) => {
    const call = callOf(metadata)
    call.fail(new CallError('unimplemented', `${call.path}: no such method`))
  })
  return hardened
}

function serviceNameOf(definition: ServiceDefinition): string {
  const [method] = Object.values(definition)
  if (!method) throw new Error('a workload needs a service with at least one method')
  return method.path.split('/')[1] as string
}

function addressesOf(host: string, ports: Record<string, number | undefined>): Record<string, string> {
  const open = Object.entries(ports).filter(([, port]) => port !== undefined)
  return Object.fromEntries(open.map(([purpose, port]) => [purpose, `${host}:${port}`]))
}
