import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { type EnvoyBinary, findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { type EnvoyProcess, startEnvoy } from '../../deploy/local/envoy-process.ts'
import { envoyConfig, type EnvoyConfigOptions } from '../../envoy/config.ts'
import { type Endpoint, writeEndpoints } from '../../envoy/endpoints.ts'

const found = await findEnvoy({ environment: process.env })
if ('missing' in found && process.env['CI']) throw new Error(`the tests of Envoy need Envoy. ${found.missing}`)

/** Options of every test that needs Envoy: in CI a missing Envoy has failed already, elsewhere the test says why it is skipped. */
export const needsEnvoy = { skip: 'missing' in found ? found.missing.replaceAll('\n', ' ') : false, timeout: 60_000 }

/** The Envoy of this machine. */
export function envoyBinary(): EnvoyBinary {
  if ('missing' in found) throw new Error(found.missing)
  return found
}

/** Where the parts that tests change lie in envoy.yaml. */
const connectionManager = 'static_resources/listeners/0/filter_chains/0/filters/0/typed_config'
const host = `${connectionManager}/route_config/virtual_hosts/0`
const parts = {
  bootstrap: '',
  cluster: 'static_resources/clusters/0/',
  listener: 'static_resources/listeners/0/',
  connectionManager: `${connectionManager}/`,
  host: `${host}/`,
  route: `${host}/routes/0/route/`,
} as const

/** One number of envoy.yaml to be changed: its part, the way to it, and its value; `undefined` leaves it to Envoy's default. */
export interface Change {
  in: keyof typeof parts
  at: string
  to: unknown
  /** True for what envoy.yaml does not have. */
  added?: true
}

/** The configuration with numbers changed, to show what happens without them. */
export function changeConfig(configText: string, changes: readonly Change[]): string {
  const document = parseDocument(configText)
  for (const change of changes) {
    const path = `${parts[change.in]}${change.at}`.split('/')
    if (!document.hasIn(path) && change.added !== true)
      throw new Error(`envoy.yaml has no ${path.join('/')}; it cannot be changed`)
    if (change.to === undefined) document.deleteIn(path)
    // A plain value keeps the node and its anchor; a collection becomes nodes.
    else document.setIn(path, typeof change.to === 'object' ? document.createNode(change.to) : change.to)
  }
  return document.toString()
}

/** What a test's Envoy differs in. */
export interface TestEnvoyOptions {
  /** What is in the file of endpoints, where no control plane is given. */
  endpoints?: readonly Endpoint[]
  /** As for a place; ports and paths are chosen. `idempotent` is true unless said. */
  config?: Omit<
    EnvoyConfigOptions,
    'listenHost' | 'grpcPort' | 'readyPort' | 'adminPort' | 'endpointsPath' | 'tcpListener'
  >
  changes?: readonly Change[]
  concurrency?: number
  stopTimeoutMs?: number
  /** Further flags of Envoy. */
  flags?: readonly string[]
}

/** A real Envoy on free ports of 127.0.0.1. */
export interface TestEnvoy extends AsyncDisposable {
  /** `host:port` for calls; the same endpoints by connection instead of by call at `tcpTarget`. */
  readonly target: string
  readonly tcpTarget: string
  readonly grpcUrl: string
  readonly readyUrl: string
  readonly adminUrl: string
  readonly configText: string
  readonly pid: number
  /** The lines of the access log so far. */
  readonly accessLog: string[]
  setEndpoints(endpoints: readonly Endpoint[]): Promise<void>
  /** A counter or gauge, as `cluster.replicas.upstream_rq_retry`. Rejects when there is none of that name. */
  stat(name: string): Promise<number>
  /** What Envoy thinks of its replicas. */
  hosts(): Promise<Host[]>
}

/** A replica as Envoy sees it. */
export interface Host {
  port: number
  healthy: boolean
  /** Out because of a failed connect. */
  ejected: boolean
  /** Calls and attempts sent to it so far. */
  sent: number
}

/** Starts Envoy with envoy.yaml and the given changes. Ports are chosen anew when one was taken meanwhile. */
export async function startTestEnvoy(options: TestEnvoyOptions): Promise<TestEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'test-envoy-'))
  const endpointsPath = join(folder, 'endpoints.yaml')
  await writeEndpoints(endpointsPath, options.endpoints ?? [])
  for (let attempt = 1; ; attempt += 1) {
    try {
      const ports = await freePorts()
      return await start(options, { folder, endpointsPath, ports })
    } catch (error) {
      if (attempt < 3 && error instanceof Error && /taken|in use/.test(error.message)) continue
      await rm(folder, { recursive: true })
      throw error
    }
  }
}

interface Ports {
  grpcPort: number
  readyPort: number
  adminPort: number
  tcpPort: number
}
interface Place {
  folder: string
  endpointsPath: string
  ports: Ports
}

async function start(options: TestEnvoyOptions, { folder, endpointsPath, ports }: Place): Promise<TestEnvoy> {
  const { tcpPort, ...configPorts } = ports
  const fromFile = options.config?.controlPlane || options.config?.dns ? {} : { endpointsPath }
  const place = { listenHost: '127.0.0.1', ...configPorts, ...fromFile, tcpListener: { port: tcpPort } }
  const configText = changeConfig(envoyConfig({ ...place, idempotent: true, ...options.config }), options.changes ?? [])
  const accessLog: string[] = []
  const envoy = await startEnvoy({
    binary: envoyBinary(),
    configText,
    concurrency: options.concurrency ?? 2,
    stopTimeoutMs: options.stopTimeoutMs ?? 5000,
    flags: options.flags ?? [],
    onLine: (line, from) => void (from === 'stdout' && accessLog.push(line)),
  })
  const adminUrl = `http://127.0.0.1:${ports.adminPort}`
  return {
    target: `127.0.0.1:${ports.grpcPort}`,
    tcpTarget: `127.0.0.1:${tcpPort}`,
    grpcUrl: `http://127.0.0.1:${ports.grpcPort}`,
    readyUrl: `http://127.0.0.1:${ports.readyPort}`,
    adminUrl,
    configText,
    pid: envoy.pid,
    accessLog,
    setEndpoints: (endpoints) => writeEndpoints(endpointsPath, endpoints),
    stat: (name) => readStat(adminUrl, name),
    hosts: () => readHosts(adminUrl),
    [Symbol.asyncDispose]: () => end(envoy, folder),
  }
}

async function end(envoy: EnvoyProcess, folder: string): Promise<void> {
  await envoy[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 4 }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const [grpcPort = 0, readyPort = 0, adminPort = 0, tcpPort = 0] = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return { grpcPort, readyPort, adminPort, tcpPort }
}

async function readStat(adminUrl: string, name: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/stats?filter=^${name.replaceAll('.', '\\.')}$`)).text()
  const [, value] = /: (\d+)/.exec(text) ?? []
  if (value === undefined) throw new Error(`Envoy has no stat ${name}`)
  return Number(value)
}

interface ClusterStatuses {
  cluster_statuses: { name: string; host_statuses?: HostStatus[] }[]
}
interface HostStatus {
  address: { socket_address: { port_value: number } }
  stats: { name: string; value?: string }[]
  health_status: { failed_active_health_check?: boolean; failed_outlier_check?: boolean; eds_health_status: string }
}

async function readHosts(adminUrl: string): Promise<Host[]> {
  const answer = await fetch(`${adminUrl}/clusters?format=json`)
  const { cluster_statuses: clusters }: ClusterStatuses = JSON.parse(await answer.text())
  const replicas = clusters.find(({ name }) => name === 'replicas')
  return (replicas?.host_statuses ?? []).map(({ address, stats, health_status: health }) => ({
    port: address.socket_address.port_value,
    healthy: health.failed_active_health_check !== true && health.failed_outlier_check !== true,
    ejected: health.failed_outlier_check === true,
    sent: Number(stats.find(({ name }) => name === 'rq_total')?.value ?? 0),
  }))
}
