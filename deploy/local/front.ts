import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BalancingPolicy, envoyConfig } from '../../envoy/config.ts'
import { type Endpoint, writeEndpoints } from '../../envoy/endpoints.ts'
import type { EnvoyBinary } from './envoy-binary.ts'
import { type EnvoyExit, startEnvoy } from './envoy-process.ts'

/** How Envoy stands in front of a fleet. */
export interface FrontOptions {
  binary: EnvoyBinary
  /** Port of the service on 127.0.0.1; 0 for any free one. */
  port: number
  readyPort: number
  adminPort: number
  balancing?: BalancingPolicy
  /** True when the workload's methods may be repeated after a broken connection. */
  idempotent: boolean
  /** True to log every call. */
  accessLog?: boolean
  onLine: (line: string) => void
}

/** Envoy before its first endpoint: tell it the endpoints, then open it. */
export interface Front extends AsyncDisposable {
  /** Where callers connect. */
  readonly address: string
  /** Where connections, not calls, are spread, to show the difference. */
  readonly tcpAddress: string
  /** Tells Envoy where the replicas are. */
  publish(endpoints: readonly Endpoint[]): Promise<void>
  /** Starts Envoy; resolves when it has found `healthy` replicas well. */
  open(healthy: number): Promise<void>
  /** Resolves when Envoy has ended, asked to or not. */
  readonly ended: Promise<EnvoyExit>
}

/** Prepares Envoy in front of a fleet on this machine: its folder, its ports, its configuration. */
export async function createFront(options: FrontOptions): Promise<Front> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-endpoints-'))
  const endpointsPath = join(folder, 'endpoints.yaml')
  const [grpcPort, readyPort, adminPort, tcpPort] = await Promise.all([
    portOr(options.port),
    portOr(options.readyPort),
    portOr(options.adminPort),
    freePort(),
  ])
  const ended = Promise.withResolvers<EnvoyExit>()
  const stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return {
    address: `127.0.0.1:${grpcPort}`,
    tcpAddress: `127.0.0.1:${tcpPort}`,
    ended: ended.promise,
    publish: (endpoints) => writeEndpoints(endpointsPath, endpoints),
    open: async (healthy) => {
      const configText = envoyConfig({
        listenHost: '127.0.0.1',
        grpcPort,
        readyPort,
        adminPort,
        endpointsPath,
        idempotent: options.idempotent,
        tcpListener: { port: tcpPort },
        accessLog: options.accessLog ?? false,
        ...(options.balancing ? { balancing: options.balancing } : {}),
      })
      const envoy = stack.use(await startEnvoy({ binary: options.binary, configText, onLine: options.onLine }))
      void envoy.exited.then((exit) => ended.resolve(exit))
      await untilHealthy(adminPort, healthy)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function portOr(port: number): Promise<number> {
  return port === 0 ? freePort() : port
}

/** A port of 127.0.0.1 that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
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
