import { setTimeout as delay } from 'node:timers/promises'
import { type BalancingPolicy, type ControlPlaneAddress, envoyConfig } from '../../envoy/config.ts'
import type { EnvoyBinary } from './envoy-binary.ts'
import { type EnvoyExit, type EnvoyProcess, startEnvoy } from './envoy-process.ts'
import { freePort } from './ports.ts'

/** How Envoy stands in front of a fleet. */
export interface FrontOptions {
  binary: EnvoyBinary
  /** Port of the service on 127.0.0.1; 0 for any free one. */
  port: number
  readyPort: number
  adminPort: number
  balancing?: BalancingPolicy
  /** Where Envoy learns of the replicas. */
  controlPlane: ControlPlaneAddress
  /** True when the workload's methods may be repeated after a broken connection. */
  idempotent: boolean
  /** True to log every call. */
  accessLog?: boolean
  /** Origins of web pages that may call, instead of those of one's own machine. */
  allowedOrigins?: string[]
  onLine: (line: string) => void
}

/** Envoy before it is opened, which wants a control plane that knows an endpoint. */
export interface Front extends AsyncDisposable {
  /** Where callers connect; a port that was free may become another one while it opens. */
  readonly address: string
  /** Where connections, not calls, are spread, to show the difference. */
  readonly tcpAddress: string
  /** Starts Envoy; resolves when it has found `healthy` replicas well. */
  open(healthy: number): Promise<void>
  /** Resolves when Envoy has ended, asked to or not. */
  readonly ended: Promise<EnvoyExit>
}

/** Prepares Envoy in front of a fleet on this machine: its ports, its configuration. */
export async function createFront(options: FrontOptions): Promise<Front> {
  let ports = await choosePorts(options)
  const ended = Promise.withResolvers<EnvoyExit>()
  const owned = new AsyncDisposableStack()
  return {
    get address() {
      return `127.0.0.1:${ports.grpcPort}`
    },
    get tcpAddress() {
      return `127.0.0.1:${ports.tcpPort}`
    },
    ended: ended.promise,
    open: async (healthy) => {
      for (let triesLeft = 2; ; triesLeft -= 1) {
        try {
          const envoy = owned.use(await start(options, ports))
          void envoy.exited.then((exit) => ended.resolve(exit))
          break
        } catch (error) {
          // A free port is nobody's until Envoy has it; one that was asked for stays taken.
          if (triesLeft === 0 || !(error instanceof Error && /is taken|in use/.test(error.message))) throw error
          ports = await choosePorts(options)
        }
      }
      await untilHealthy(ports.adminPort, healthy)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Ports {
  grpcPort: number
  readyPort: number
  adminPort: number
  tcpPort: number
}

async function choosePorts({ port, readyPort, adminPort }: FrontOptions): Promise<Ports> {
  const chosen = await Promise.all([portOr(port), portOr(readyPort), portOr(adminPort), freePort()])
  return { grpcPort: chosen[0], readyPort: chosen[1], adminPort: chosen[2], tcpPort: chosen[3] }
}

function start(options: FrontOptions, { tcpPort, ...ports }: Ports): Promise<EnvoyProcess> {
  const { binary, balancing, controlPlane, idempotent, accessLog = false, allowedOrigins, onLine } = options
  const configText = envoyConfig({
    listenHost: '127.0.0.1',
    ...ports,
    controlPlane,
    idempotent,
    tcpListener: { port: tcpPort },
    accessLog,
    ...(balancing ? { balancing } : {}),
    ...(allowedOrigins ? { allowedOrigins } : {}),
  })
  return startEnvoy({ binary, configText, onLine })
}

async function portOr(port: number): Promise<number> {
  return port === 0 ? freePort() : port
}

/** What the admin interface says of one endpoint; a healthy one has nothing but its EDS status. */
interface HostStatus {
  health_status: Record<string, unknown>
}

interface ClusterStatus {
  name: string
  host_statuses?: HostStatus[]
}

async function untilHealthy(adminPort: number, wanted: number): Promise<void> {
  const giveUp = AbortSignal.timeout(20_000)
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/clusters?format=json`, { signal: giveUp })
    const { cluster_statuses: clusters } = (await answer.json()) as { cluster_statuses: ClusterStatus[] }
    const hosts = clusters.find(({ name }) => name === 'replicas')?.host_statuses ?? []
    const healthy = hosts.filter((host) => Object.keys(host.health_status).every((key) => key === 'eds_health_status'))
    if (healthy.length >= wanted) return
    await delay(20, undefined, { signal: giveUp })
  }
}
