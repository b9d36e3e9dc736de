import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { envoyConfig, type EnvoyConfigOptions } from './config.ts'
import { envoyYaml } from './template.ts'

const everyOption: EnvoyConfigOptions = {
  listenHost: '127.0.0.1',
  grpcPort: 18080,
  readyPort: 18081,
  adminPort: 19901,
  node: { id: 'edge-1', zone: 'a' },
  service: 'primes',
  controlPlane: { host: '127.0.0.1', port: 18_000 },
  idempotent: true,
  balancing: 'round_robin',
  tcpListener: { port: 18082 },
  accessLog: false,
  allowedOrigins: ['https://app.example'],
  healthService: 'primes',
  maxConnectionSeconds: 1,
  maxConnections: 2,
  maxRequests: 3,
  retryConcurrency: 4,
  maxMessageBytes: 6,
  maxHeapBytes: 5,
  responseHeaders: { 'evenkeel-endpoint': '%UPSTREAM_HOST%' },
}

test('the configuration without options is envoy.yaml', () => {
  assert.deepEqual(parse(envoyConfig()), parse(envoyYaml()))
})

test('the configuration of a place keeps the comments of envoy.yaml', () => {
  assert.match(envoyConfig(everyOption), /# failures in a row; one may be an accident/)
})

test('listeners take host and ports of the place, admin stays on loopback', () => {
  const { admin, static_resources: resources } = parse(envoyConfig(everyOption))
  const addresses = resources.listeners.map((listener: { address: unknown }) => listener.address)
  assert.deepEqual(addresses, [
    { socket_address: { address: '127.0.0.1', port_value: 18080 } },
    { socket_address: { address: '127.0.0.1', port_value: 18081 } },
    { socket_address: { address: '127.0.0.1', port_value: 18082 } },
  ])
  assert.deepEqual(admin.address, { socket_address: { address: '127.0.0.1', port_value: 19901 } })
})

test('the ready listener forwards to the admin port of the place', () => {
  const { clusters } = parse(envoyConfig({ adminPort: 19901 })).static_resources
  const admin = clusters.find((cluster: { name: string }) => cluster.name === 'admin')
  const { address } = admin.load_assignment.endpoints[0].lb_endpoints[0].endpoint
  assert.deepEqual(address, { socket_address: { address: '127.0.0.1', port_value: 19901 } })
})

test('endpoints come from the control plane of the place, by the name of the service', () => {
  const { node, static_resources: resources } = parse(envoyConfig(everyOption))
  const [replicas, controlPlane] = resources.clusters
  assert.deepEqual(node, { id: 'edge-1', cluster: 'evenkeel', locality: { zone: 'a' } })
  assert.equal(replicas.eds_cluster_config.service_name, 'primes')
  const { address } = controlPlane.load_assignment.endpoints[0].lb_endpoints[0].endpoint
  assert.deepEqual(address, { socket_address: { address: '127.0.0.1', port_value: 18_000 } })
})

test('a control plane with TLS must have a certificate for its name, and is shown ours', () => {
  const tls = { authorities: '/tls/ca.pem', certificate: '/tls/own.pem', privateKey: '/tls/own.key' }
  const { clusters } = parse(envoyConfig({ controlPlane: { host: 'control-plane', port: 1, tls } })).static_resources
  const { sni, common_tls_context: context } = clusters[1].transport_socket.typed_config
  assert.equal(sni, 'control-plane')
  assert.equal(context.tls_certificates[0].private_key.filename, '/tls/own.key')
  assert.deepEqual(context.validation_context, {
    trusted_ca: { filename: '/tls/ca.pem' },
    match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'control-plane' } }],
  })
})

test('with a file of endpoints its folder is watched, and no control plane is asked', () => {
  const { dynamic_resources: dynamic, static_resources: resources } = parse(
    envoyConfig({ endpointsPath: '/run/fleet/endpoints.yaml' }),
  )
  const [replicas] = resources.clusters
  assert.deepEqual(dynamic, {})
  assert.deepEqual(
    resources.clusters.map(({ name }: { name: string }) => name),
    ['replicas', 'admin'],
  )
  assert.deepEqual(replicas.eds_cluster_config.eds_config.path_config_source, {
    path: '/run/fleet/endpoints.yaml',
    watched_directory: { path: '/run/fleet' },
  })
})

test('by DNS each address of the name is a replica, and no control plane is asked', () => {
  const { dynamic_resources: dynamic, static_resources: resources } = parse(
    envoyConfig({ dns: { host: 'replicas.', port: 7, refreshSeconds: 2 } }),
  )
  const [replicas, ...others] = resources.clusters
  assert.deepEqual(dynamic, {})
  assert.deepEqual(
    others.map(({ name }: { name: string }) => name),
    ['admin'],
  )
  assert.deepEqual([replicas.type, replicas.eds_cluster_config], [undefined, undefined])
  const { all_addresses_in_single_endpoint: single, dns_refresh_rate: rate } = replicas.cluster_type.typed_config
  assert.deepEqual([single, rate], [false, '2s'])
  const { address } = replicas.load_assignment.endpoints[0].lb_endpoints[0].endpoint
  assert.deepEqual(address, { socket_address: { address: 'replicas.', port_value: 7 } })
})

test('bounds are those of the place', () => {
  const { static_resources: resources, overload_manager: overload } = parse(envoyConfig(everyOption))
  const [connections, heap] = overload.resource_monitors.map(
    (monitor: { typed_config: object }) => monitor.typed_config,
  )
  const [replicas] = resources.clusters
  const [thresholds] = replicas.circuit_breakers.thresholds
  const manager = resources.listeners[0].filter_chains[0].filters[0].typed_config
  assert.equal(connections.max_active_downstream_connections, 2)
  assert.equal(heap.max_heap_size_bytes, 5)
  assert.deepEqual([thresholds.max_connections, thresholds.max_pending_requests, thresholds.max_requests], [3, 3, 3])
  assert.equal(thresholds.retry_budget.min_retry_concurrency, 4)
  assert.equal(hostOf(envoyConfig(everyOption)).request_body_buffer_limit, 6 + 1024)
  assert.equal(replicas.health_checks[0].grpc_health_check.service_name, 'primes')
  assert.equal(manager.common_http_protocol_options.max_connection_duration, '1s')
  assert.deepEqual(hostOf(envoyConfig(everyOption)).response_headers_to_add, [
    { header: { key: 'evenkeel-endpoint', value: '%UPSTREAM_HOST%' } },
  ])
})

test('with TLS callers need a certificate where there are authorities, and replicas one of the names', () => {
  const tls = { certificate: '/own.yaml', authorities: '/ca.yaml', names: ['a.example', 'spiffe://b', '10.0.0.1'] }
  const { static_resources: resources } = parse(envoyConfig({ callerTls: tls, replicaTls: tls }))
  const caller = resources.listeners[0].filter_chains[0].transport_socket.typed_config
  const replica = resources.clusters[0].transport_socket.typed_config
  const names = [
    { san_type: 'DNS', matcher: { exact: 'a.example' } },
    { san_type: 'URI', matcher: { exact: 'spiffe://b' } },
    { san_type: 'IP_ADDRESS', matcher: { exact: '10.0.0.1' } },
  ]
  assert.equal(caller.require_client_certificate, true)
  assert.equal(replica.sni, 'a.example')
  for (const { common_tls_context: context } of [caller, replica]) {
    const { default_validation_context: validation } = context.combined_validation_context
    assert.deepEqual(validation.match_typed_subject_alt_names, names)
  }
  const anyone = parse(envoyConfig({ callerTls: { certificate: '/own.yaml' } }))
  const { typed_config: open } = anyone.static_resources.listeners[0].filter_chains[0].transport_socket
  assert.deepEqual(
    [open.require_client_certificate, open.common_tls_context.combined_validation_context],
    [false, undefined],
  )
})

test('broken connections are retried for idempotent workloads only', () => {
  assert.ok(!retryOn(envoyConfig()).includes('reset'))
  assert.ok(!retryOn(envoyConfig({ idempotent: false })).includes('reset'))
  assert.ok(retryOn(envoyConfig({ idempotent: true })).includes('reset'))
})

test('a refusal is never retried', () => {
  assert.ok(!retryOn(envoyConfig(everyOption)).includes('resource-exhausted'))
})

test('each balancing policy is the extension of its name', () => {
  assert.equal(policyOf(envoyConfig()).typed_config.selection_method, 'FULL_SCAN')
  assert.equal(policyOf(envoyConfig({ balancing: 'least_request_two_choices' })).typed_config.choice_count, 2)
  assert.match(policyOf(envoyConfig({ balancing: 'round_robin' })).name, /round_robin$/)
})

test('only the origins of the place may call from a web page', () => {
  assert.deepEqual(parse(JSON.stringify(corsOf(envoyConfig(everyOption)))), [{ exact: 'https://app.example' }])
})

function retryOn(text: string): string[] {
  return routeOf(text).route.retry_policy.retry_on.split(',')
}

function policyOf(text: string) {
  return parse(text).static_resources.clusters[0].load_balancing_policy.policies[0].typed_extension_config
}

function corsOf(text: string): unknown {
  return hostOf(text).typed_per_filter_config['envoy.filters.http.cors'].allow_origin_string_match
}

function routeOf(text: string) {
  return hostOf(text).routes[0]
}

function hostOf(text: string) {
  return parse(text).static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config
    .virtual_hosts[0]
}
