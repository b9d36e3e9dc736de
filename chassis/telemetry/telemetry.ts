import type { Tracer } from '@opentelemetry/api'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { PoolObserver } from '../workers/observer.ts'
import { createEvents, type Events, type Replica } from './events.ts'
import { createLogger } from './logger.ts'
import { startSdk } from './sdk.ts'

/** Who speaks, and to whom. */
export interface TelemetryOptions {
  config: Pick<Config, 'host' | 'logLevel' | 'metricsPort' | 'podName' | 'processName'>
  /** Name of the workload. */
  workload: string
  /** Says which of OpenTelemetry's OTEL_* variables are set. */
  env: Readonly<Record<string, string | undefined>>
}

/** All that a replica says of itself. Disposing exports and writes what is left, within two seconds; lines go out last. */
export interface Telemetry extends AsyncDisposable {
  readonly logger: Logger
  readonly events: Events
  /** Undefined when no traces are exported. */
  readonly tracer: Tracer | undefined
  /** The Prometheus port that was bound; undefined when it is off. */
  readonly metricsPort: number | undefined
  /** What the worker pool tells of itself. */
  readonly poolObserver: PoolObserver
  /** From now on gauges show this replica, and its changes of state are logged. */
  observe(replica: Replica): void
}

/** Starts log, metrics and traces. Rejects when the metrics port cannot be bound. */
export async function startTelemetry({ config, workload, env }: TelemetryOptions): Promise<Telemetry> {
  const facts = { pod: config.podName, process: config.processName, workload }
  const log = createLogger({ level: config.logLevel, ...facts })
  const metricsPort = config.metricsPort === 'off' ? undefined : config.metricsPort
  const sdk = await startSdk({ ...facts, metricsPort, metricsHost: config.host, env, logger: log.logger })
  const events = createEvents({ logger: log.logger, meter: sdk.meter })
  return {
    logger: log.logger,
    events,
    poolObserver: events.pool,
    observe: (replica) => events.observe(replica),
    tracer: sdk.tracer,
    metricsPort: sdk.metricsPort,
    [Symbol.asyncDispose]: async () => {
      await sdk[Symbol.asyncDispose]()
      await log.flush()
    },
  }
}
