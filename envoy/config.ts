import { dirname } from 'node:path'
import type { Document } from 'yaml'
import { appendTo, envoyDocument, findByDns, forgetControlPlane, replaceAnchored } from './template.ts'
import { callerTransport, controlPlaneTransport, replicaTransport, type WatchedTls } from './tls.ts'

/** How Envoy picks a replica for a call. The product uses the full scan; the others are there to be compared with it. */
export type BalancingPolicy = 'round_robin' | 'least_request_two_choices' | 'least_request_full_scan'

/** What differs by place; what is left out stays as envoy.yaml has it. */
export interface EnvoyConfigOptions {
  /** Address that callers and probes reach. */
  listenHost?: string
  /** Port for gRPC and gRPC-Web. */
  grpcPort?: number
  /** Port for `/ready` and `/stats/prometheus`. */
  readyPort?: number
  /** Port of the admin interface, always on 127.0.0.1. */
  adminPort?: number
  /** Who this Envoy is to the control plane. */
  node?: { id: string; zone?: string }
  /** The service whose endpoints are asked for. */
  service?: string
  /** Where endpoints are pushed from. */
  controlPlane?: ControlPlaneAddress
  /**
   * File with the endpoints, as `writeEndpoints` writes it, instead of a control plane. Its folder is watched; the file must exist
   * before Envoy starts.
   */
  endpointsPath?: string
  /** Name of a headless Service to find replicas by, instead of a control plane; with a dot at its end no other name is tried. */
  dns?: { host: string; port: number; refreshSeconds?: number }
  /** True when every method may be repeated after a broken connection (`Workload.idempotent`): then `reset` is retried. */
  idempotent?: boolean
  balancing?: BalancingPolicy
  /** A second listener that balances connections instead of calls, to show the difference. */
  tcpListener?: { port: number }
  /** One JSON line per call on standard output. */
  accessLog?: boolean
  /** Origins of web pages that may call by gRPC-Web, as `https://app.example`; they replace pages of one's own machine. */
  allowedOrigins?: string[]
  /** TLS that callers must speak. */
  callerTls?: WatchedTls
  /** TLS to replicas. */
  replicaTls?: WatchedTls
  /** Name that replicas have in grpc.health.v1; empty for the whole server. */
  healthService?: string
  /** Seconds after which a caller is asked by GOAWAY to connect anew. */
  maxConnectionSeconds?: number
  /** Connections of callers; more are closed at accept. */
  maxConnections?: number
  /** Calls that may be in flight; Envoy answers UNAVAILABLE to more. */
  maxRequests?: number
  /** Calls that may be repeated at once, however few are in flight. */
  retryConcurrency?: number
  /** Largest request message of the workload in bytes: a body with one is kept, so that its call can be repeated. */
  maxMessageBytes?: number
  /** Heap at which Envoy refuses calls. */
  maxHeapBytes?: number
  /** Headers of every answer, as `{ 'evenkeel-endpoint': '%UPSTREAM_HOST%' }`. */
  responseHeaders?: Record<string, string>
}

/** A control plane, by name or address. */
export interface ControlPlaneAddress {
  host: string
  port: number
  /** `DELTA_GRPC` unless said; `GRPC` is state of the world. */
  protocol?: 'DELTA_GRPC' | 'GRPC'
  /** Files in PEM, for a control plane with TLS; certificate and key where it asks for them. */
  tls?: { authorities: string; certificate?: string; privateKey?: string }
}

/** What gRPC puts around a message, and to spare. */
const frameBytes = 1024
const typePrefix = 'type.googleapis.com/envoy.extensions'

/** The configuration of one place as YAML text: envoy.yaml with the options in place of the values they name. */
export function envoyConfig(options: EnvoyConfigOptions = {}): string {
  const document = envoyDocument()
  if (options.dns !== undefined) findByDns(document)
  for (const [anchor, value] of Object.entries(replacements(options))) {
    if (value !== undefined) replaceAnchored(document, anchor, value)
  }
  if (options.idempotent === true) appendTo(document, 'retry_on', ',reset')
  if (options.tcpListener !== undefined) {
    appendTo(document, 'listeners', tcpListener(options.listenHost ?? '0.0.0.0', options.tcpListener.port))
  }
  if (options.endpointsPath !== undefined) readFromFile(document, options.endpointsPath)
  return document.toString({ lineWidth: 0 })
}

function replacements(options: EnvoyConfigOptions): Record<string, unknown> {
  const { node, controlPlane, balancing, allowedOrigins } = options
  const zone = node?.zone === undefined ? {} : { locality: { zone: node.zone } }
  return {
    listen_host: options.listenHost,
    grpc_port: options.grpcPort,
    ready_port: options.readyPort,
    admin_port: options.adminPort,
    node: node && { id: node.id, cluster: 'evenkeel', ...zone },
    service: options.service,
    ads_api_type: controlPlane?.protocol,
    control_plane_host: controlPlane?.host,
    control_plane_port: controlPlane?.port,
    control_plane_transport: controlPlane?.tls && controlPlaneTransport(controlPlane.host, controlPlane.tls),
    balancing: balancing === undefined ? undefined : balancingExtensions[balancing],
    access_log: options.accessLog === false ? [] : undefined,
    allowed_origins: allowedOrigins?.map((origin) => ({ exact: origin })),
    dns_name: options.dns?.host,
    dns_port: options.dns?.port,
    dns_refresh_rate: seconds(options.dns?.refreshSeconds),
    caller_transport: options.callerTls && callerTransport(options.callerTls),
    replica_transport: options.replicaTls && replicaTransport(options.replicaTls),
    ...limits(options),
  }
}

function limits(options: EnvoyConfigOptions): Record<string, unknown> {
  return {
    health_service: options.healthService,
    max_connection_duration: seconds(options.maxConnectionSeconds),
    max_connections_callers: options.maxConnections,
    max_requests: options.maxRequests,
    retry_concurrency: options.retryConcurrency,
    max_body_bytes: options.maxMessageBytes && options.maxMessageBytes + frameBytes,
    max_heap_bytes: options.maxHeapBytes,
    response_headers: options.responseHeaders && responseHeaders(options.responseHeaders),
  }
}

function responseHeaders(headers: Record<string, string>): unknown {
  return Object.entries(headers).map(([key, value]) => ({ header: { key, value } }))
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}s`
}

/** Endpoints from a file that is replaced by rename, as a mounted ConfigMap is; nobody else is asked. */
function readFromFile(document: Document, path: string): void {
  replaceAnchored(document, 'eds_config', {
    resource_api_version: 'V3',
    path_config_source: { path, watched_directory: { path: dirname(path) } },
  })
  forgetControlPlane(document)
}

/** What each policy is to Envoy. */
export const balancingExtensions = {
  round_robin: {
    name: 'envoy.load_balancing_policies.round_robin',
    typed_config: { '@type': `${typePrefix}.load_balancing_policies.round_robin.v3.RoundRobin` },
  },
  least_request_two_choices: {
    name: 'envoy.load_balancing_policies.least_request',
    typed_config: {
      '@type': `${typePrefix}.load_balancing_policies.least_request.v3.LeastRequest`,
      choice_count: 2,
    },
  },
  least_request_full_scan: {
    name: 'envoy.load_balancing_policies.least_request',
    typed_config: {
      '@type': `${typePrefix}.load_balancing_policies.least_request.v3.LeastRequest`,
      selection_method: 'FULL_SCAN',
    },
  },
} as const satisfies Record<BalancingPolicy, unknown>

function tcpListener(host: string, port: number): unknown {
  const proxy = {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: {
      '@type': `${typePrefix}.filters.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: 'tcp',
      cluster: 'replicas',
    },
  }
  return {
    name: 'tcp',
    address: { socket_address: { address: host, port_value: port } },
    enable_reuse_port: false,
    filter_chains: [{ filters: [proxy] }],
  }
}
