import { lastWordsSaid, orAborted } from '../chassis/drain.ts'
import { createHealth } from '../chassis/health.ts'
import { Lifecycle } from '../chassis/lifecycle.ts'
import { bind } from '../chassis/listen/bind.ts'
import { createHardenedServer, type ServerLimits } from '../chassis/listen/hardened-server.ts'
import { closeNow, leave } from '../chassis/listen/leave.ts'
import type { RefusedConnection } from '../chassis/listen/refused-connection.ts'
import { tlsOf } from '../chassis/listen/tls-settings.ts'
import { createLogger } from '../chassis/telemetry/logger.ts'
import { startSdk } from '../chassis/telemetry/sdk.ts'
import { AdsServer } from './ads/ads-server.ts'
import type { ControlPlaneConfig } from './config.ts'
import { addClientStatus } from './csds.ts'
import { createControlPlaneEvents } from './events.ts'
import { followSource } from './follow-source.ts'
import type { Source } from './sources/source.ts'

/** What an instance is made of. */
export interface ControlPlaneParts {
  config: ControlPlaneConfig
  source: Source
  /** The environment that OpenTelemetry reads its standard OTEL_* variables from. */
  env: Readonly<Record<string, string | undefined>>
  /** How often TLS files are read again; tests cannot wait. */
  tlsRereadMs?: number
}

/** An instance that takes subscribers. Disposing it ends it at once; `drain` sends its subscribers elsewhere first. */
export interface ControlPlane extends AsyncDisposable {
  /** `serving` once the source has told its first state; subscribers that come before wait. */
  readonly lifecycle: Lifecycle
  readonly ports: { ads: number; health: number; metrics: number | undefined }
  readonly ads: AdsServer
  /** Leaves: NOT_SERVING, streams end with UNAVAILABLE, connections close. `hurry` closes what is left at once. */
  drain(hurry?: AbortSignal): Promise<void>
}

/** What a subscriber may cost. Requests are names and versions; a node with very many of them stays below 4 MiB. */
function limitsOf({ maxSubscribers }: ControlPlaneConfig): ServerLimits {
  return {
    maxMessageBytes: 4 * 1024 * 1024,
    maxHeaderBytes: 16_384,
    maxConcurrentStreams: 1000,
    maxSessionMemoryMb: 64,
    // With room for whoever asks for health and status.
    maxConnections: maxSubscribers + 100,
    // A subscriber that vanished is noticed within a minute.
    keepaliveMs: 30_000,
    keepaliveTimeoutMs: 20_000,
  }
}

/** Starts an instance: ports are open when it resolves. On failure what was opened is closed again. */
export async function serveControlPlane({
  config,
  source,
  env,
  tlsRereadMs,
}: ControlPlaneParts): Promise<ControlPlane> {
  const startedAtMs = performance.now()
  await using opened = new AsyncDisposableStack()
  const facts = { pod: config.podName, process: '0', workload: 'control-plane' }
  const log = opened.use(createLogger({ level: config.logLevel, ...facts }))
  const metricsPort = config.metricsPort === 'off' ? undefined : config.metricsPort
  const sdk = opened.use(await startSdk({ ...facts, metricsPort, metricsHost: config.host, env, logger: log.logger }))
  const events = createControlPlaneEvents({ logger: log.logger, meter: sdk.meter })
  const lifecycle = new Lifecycle()
  const ads = new AdsServer({ maxSubscribers: config.maxSubscribers, observer: events })
  const health = createHealth(lifecycle, ['envoy.service.discovery.v3.AggregatedDiscoveryService'])

  const refused = ({ peer, port, problem }: RefusedConnection): void => events.failed(peer, `port ${port}: ${problem}`)
  const probes = createHardenedServer(limitsOf(config), { refused })
  opened.defer(() => closeNow(probes))
  health.addToServer(probes.server)
  const healthPort = await bind(probes.server, { host: config.host, port: config.healthPort })

  const tls = opened.use(await tlsOf(config, { fault: events.tlsFault, rereadMs: tlsRereadMs }))
  const hardened = createHardenedServer(limitsOf(config), { refused, tls })
  opened.defer(() => closeNow(hardened))
  health.addToServer(hardened.server)
  ads.addToServer(hardened.server)
  addClientStatus(hardened.server, ads)
  const adsPort = await bind(hardened.server, { host: config.host, port: config.port, credentials: tls?.credentials })

  const ports = { ads: adsPort, health: healthPort, metrics: sdk.metricsPort }
  events.observe(ads)
  lifecycle.follow((state) => {
    if (state === 'serving') events.serving({ ports, source: source.name, startMs: performance.now() - startedAtMs })
  })
  opened.use(followSource(source, { config, lifecycle, ads, events }))
  const parts = opened.move()
  return {
    lifecycle,
    ports,
    ads,
    drain: async (hurry = new AbortController().signal) => {
      events.draining(ads.streams.length)
      lifecycle.to('draining')
      const enough = AbortSignal.any([hurry, AbortSignal.timeout(config.drainTimeoutMs)])
      await orAborted(Promise.all([leave(hardened), ads.endAll()]), enough)
      if (!enough.aborted) await lastWordsSaid(hardened)
      lifecycle.to('stopped')
      await parts.disposeAsync()
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}
