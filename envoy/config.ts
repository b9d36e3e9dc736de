import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import {
  type Document,
  isCollection,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

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
  /** True when every method may be repeated after a broken connection (`Workload.idempotent`): then `reset` is retried. */
  idempotent?: boolean
  balancing?: BalancingPolicy
  /** A second listener that balances connections instead of calls, to show the difference. */
  tcpListener?: { port: number }
  /** One JSON line per call on standard output. */
  accessLog?: boolean
  /** Origins of web pages that may call by gRPC-Web, as `https://app.example`; they replace pages of one's own machine. */
  allowedOrigins?: string[]
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

const template = new URL('./envoy.yaml', import.meta.url)
const typePrefix = 'type.googleapis.com/envoy.extensions'

/** envoy.yaml as it stands, with its comments. Its values with an anchor are those that `envoyConfig` replaces. */
export function envoyYaml(): string {
  return readFileSync(template, 'utf8')
}

/** The configuration of one place as YAML text: envoy.yaml with the options in place of the values they name. */
export function envoyConfig(options: EnvoyConfigOptions = {}): string {
  const document = parseDocument(envoyYaml())
  for (const [anchor, value] of Object.entries(replacements(options))) {
    if (value !== undefined) replaceAnchored(document, anchor, value)
  }
  if (options.idempotent === true) appendTo(document, 'retry_on', ',reset')
  if (options.tcpListener !== undefined) {
    appendTo(document, 'listeners', tcpListener(options.listenHost ?? '0.0.0.0', options.tcpListener.port))
  }
  if (options.controlPlane?.tls) secureControlPlane(document, options.controlPlane)
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
    balancing: balancing === undefined ? undefined : balancingExtensions[balancing],
    access_log: options.accessLog === false ? [] : undefined,
    allowed_origins: allowedOrigins?.map((origin) => ({ exact: origin })),
  }
}

/** Endpoints from a file that is replaced by rename, as a mounted ConfigMap is; nobody else is asked. */
function readFromFile(document: Document, path: string): void {
  replaceAnchored(document, 'eds_config', {
    resource_api_version: 'V3',
    path_config_source: { path, watched_directory: { path: dirname(path) } },
  })
  replaceAnchored(document, 'dynamic_resources', {})
  const clusters = document.getIn(['static_resources', 'clusters']) as YAMLSeq<YAMLMap>
  clusters.items = clusters.items.filter((cluster) => cluster.get('name') !== 'control_plane')
}

/** TLS to the control plane, whose certificate must be for the name that it is asked by. */
function secureControlPlane(document: Document, { host, tls }: ControlPlaneAddress): void {
  const certificates = tls?.certificate && {
    tls_certificates: [{ certificate_chain: { filename: tls.certificate }, private_key: { filename: tls.privateKey } }],
  }
  const [type, value] = isIP(host) === 0 ? ['DNS', host] : ['IP_ADDRESS', host]
  const context = {
    '@type': `${typePrefix}.transport_sockets.tls.v3.UpstreamTlsContext`,
    ...(type === 'DNS' ? { sni: value } : {}),
    common_tls_context: {
      ...certificates,
      alpn_protocols: ['h2'],
      validation_context: {
        trusted_ca: { filename: tls?.authorities },
        match_typed_subject_alt_names: [{ san_type: type, matcher: { exact: value } }],
      },
    },
  }
  const clusters = document.getIn(['static_resources', 'clusters']) as YAMLSeq<YAMLMap>
  const cluster = clusters.items.find((item) => item.get('name') === 'control_plane')
  cluster?.set('transport_socket', document.createNode({ name: 'envoy.transport_sockets.tls', typed_config: context }))
}

const balancingExtensions = {
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

function replaceAnchored(document: Document, anchor: string, value: unknown): void {
  const node = anchored(document, anchor)
  if (isScalar(node)) {
    node.value = value
    return
  }
  const replacement = document.createNode(value)
  if (!isCollection(replacement)) throw new TypeError(`envoy.yaml: &${anchor} is a collection, its replacement is not`)
  node.items = replacement.items
}

function appendTo(document: Document, anchor: string, value: unknown): void {
  const node = anchored(document, anchor)
  if (isScalar(node)) node.value = `${String(node.value)}${String(value)}`
  else if (isSeq(node)) node.add(document.createNode(value))
}

function anchored(document: Document, anchor: string): Scalar | YAMLMap | YAMLSeq {
  const found: (Scalar | YAMLMap | YAMLSeq)[] = []
  visit(document, {
    Scalar: (_, node) => void (node.anchor === anchor && found.push(node)),
    Collection: (_, node) => void (node.anchor === anchor && found.push(node)),
  })
  const [node] = found
  if (node === undefined) throw new Error(`envoy.yaml has no value with the anchor &${anchor}; restore it`)
  return node
}
