import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { envoyConfig, type EnvoyConfigOptions, envoyYaml } from './config.ts'

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
