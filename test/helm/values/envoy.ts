import { autoscalingCases, budgetCases, imageCases, placementCases } from './of-pods.ts'
import { inEnvoy, type ValueCases } from './value-case.ts'
import type { Rendering } from '../support/rendering.ts'

const pod = 'Deployment/evenkeel-envoy spec template spec'
const container = `${pod} initContainers envoy`
const drain = `${pod} containers drain`
const manager = 'static_resources listeners grpc filter_chains 0 filters 0 typed_config'
const host = `${manager} route_config virtual_hosts replicas`
const limits = 'static_resources clusters replicas circuit_breakers thresholds 0'

const argumentAfter =
  (name: string, where: string) =>
  (rendering: Rendering): unknown => {
    const args = rendering.at(`${where} args`) as string[]
    return args[args.indexOf(name) + 1]
  }

const resourceMonitor = (name: string, key: string) =>
  inEnvoy(`overload_manager resource_monitors envoy.resource_monitors.${name} typed_config ${key}`)

const configuration: ValueCases = {
  'envoy.port': {
    says: 'is the port of the listener, the container and the Service',
    set: 7000,
    at: (rendering) => [
      rendering.inEnvoy('static_resources listeners grpc address socket_address port_value'),
      rendering.at(`${container} ports grpc containerPort`),
      rendering.at('Service/evenkeel-envoy spec ports grpc port'),
    ],
    is: [7000, 7000, 7000],
  },
  'envoy.readyPort': {
    says: 'is the port of readiness and metrics',
    set: 7001,
    at: (rendering) => [
      rendering.inEnvoy('static_resources listeners ready address socket_address port_value'),
      rendering.at(`${container} ports metrics containerPort`),
      rendering.at('Service/evenkeel-envoy-pods spec ports metrics port'),
    ],
    is: [7001, 7001, 7001],
  },
  'envoy.maxConnectionDurationSeconds': {
    says: '0 lets connections of callers last',
    set: 0,
    at: inEnvoy(`${manager} common_http_protocol_options max_connection_duration`),
    is: null,
  },
  'envoy.maxHeapMib': {
    says: 'is the heap above which calls are refused',
    set: 256,
    at: resourceMonitor('fixed_heap', 'max_heap_size_bytes'),
    is: 268_435_456,
  },
  'envoy.maxConnections': {
    says: 'is how many connections callers may hold',
    set: 10_000_000,
    at: resourceMonitor('global_downstream_max_connections', 'max_active_downstream_connections'),
  },
  'envoy.maxRequests': {
    says: 'is how many calls go to pods at once',
    set: 10_000_000,
    at: inEnvoy(`${limits} max_requests`),
  },
  'envoy.retryConcurrency': {
    says: 'is how many retries there may be at once',
    set: 99,
    at: inEnvoy(`${limits} retry_budget min_retry_concurrency`),
  },
  'envoy.tellEndpoint': {
    says: 'true tells callers the address that answered',
    set: true,
    at: inEnvoy(`${host} response_headers_to_add`),
    is: [{ header: { key: 'evenkeel-endpoint', value: '%UPSTREAM_HOST%' } }],
  },
  'envoy.accessLog': { says: 'false logs no calls', set: false, at: inEnvoy(`${manager} access_log`), is: [] },
  'envoy.allowedOrigins': {
    says: 'lets web pages call',
    set: ['https://app.example'],
    at: inEnvoy(`${host} typed_per_filter_config envoy.filters.http.cors allow_origin_string_match`),
    is: [{ exact: 'https://app.example' }],
  },
}

const service: ValueCases = {
  'envoy.service.type': { says: 'is the type of the Service', set: 'NodePort', at: 'Service/evenkeel-envoy spec type' },
  'envoy.service.annotations': {
    says: 'are on the Service',
    set: { 'example/internal': 'true' },
    at: 'Service/evenkeel-envoy metadata annotations',
  },
  'envoy.service.nodePort': {
    says: 'is the port of nodes',
    set: 30_080,
    given: { 'envoy.service': { type: 'NodePort' } },
    at: 'Service/evenkeel-envoy spec ports grpc nodePort',
  },
  'envoy.service.loadBalancerSourceRanges': {
    says: 'is who may call a load balancer',
    set: ['10.0.0.0/8'],
    given: { 'envoy.service': { type: 'LoadBalancer' } },
    at: 'Service/evenkeel-envoy spec loadBalancerSourceRanges',
  },
}

/** What the values below `envoy` do. */
export const envoyCases: ValueCases = {
  'envoy.enabled': {
    says: 'false leaves out all of Envoy, and has callers without it test the release',
    set: false,
    given: { proxyless: { enabled: true } },
    at: (rendering) => [
      rendering.objects.filter(({ metadata }) => metadata.name.includes('-envoy')).length,
      rendering.at('Pod/evenkeel-test-health spec containers 0 args'),
    ],
    is: [0, ['health', '--service', '', '--target', 'xds:///evenkeel']],
  },
  ...imageCases('envoy.image', container),
  ...configuration,
  ...service,
  'envoy.replicas': { says: 'is how many Envoys there are', set: 5, at: 'Deployment/evenkeel-envoy spec replicas' },
  'envoy.concurrency': {
    says: 'is how many threads one has',
    set: 4,
    at: argumentAfter('--concurrency', container),
    is: '4',
  },
  'envoy.drainTimeoutSeconds': {
    says: 'is how long callers may take to leave, before the pod is killed',
    set: 60,
    at: (rendering) => [
      argumentAfter('--timeout-ms', drain)(rendering),
      rendering.at(`${pod} terminationGracePeriodSeconds`),
    ],
    is: ['60000', 70],
  },
  'envoy.args': {
    says: 'are further arguments',
    set: ['--log-level', 'debug'],
    at: argumentAfter('--log-level', container),
    is: 'debug',
  },
  'envoy.resources': {
    says: 'is what Envoy asks for and may use',
    set: { requests: { cpu: '750m' } },
    at: `${container} resources requests cpu`,
    is: '750m',
  },
  'envoy.drainResources': {
    says: 'is what the container that drains it asks for and may use',
    set: { requests: { cpu: '20m' } },
    at: `${drain} resources requests cpu`,
    is: '20m',
  },
  ...autoscalingCases('envoy.autoscaling', 'evenkeel-envoy'),
  ...budgetCases('envoy.disruptionBudget', 'evenkeel-envoy'),
  ...placementCases('envoy', 'evenkeel-envoy'),
}
