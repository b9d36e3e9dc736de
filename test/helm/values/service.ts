import { autoscalingCases, budgetCases, imageCases, placementCases } from './of-pods.ts'
import type { ValueCase, ValueCases } from './value-case.ts'

const pod = 'Deployment/evenkeel spec template spec'
const container = `${pod} containers service`
const manager = 'static_resources listeners grpc filter_chains 0 filters 0 typed_config'
const route = `${manager} route_config virtual_hosts replicas routes 0 route`

/** A setting of the chassis, which pods get as a variable. */
const setting = (name: string, set: unknown, given = {}): ValueCase => ({
  says: `is ${name} of pods`,
  set,
  given,
  at: `${container} env ${name} value`,
  is: String(set),
})

const settings: ValueCases = {
  'service.workers': setting('EVENKEEL_WORKERS', 2, { 'service.resources': { limits: { cpu: '2' } } }),
  'service.queueLimit': setting('EVENKEEL_QUEUE_LIMIT', 1_000_000),
  'service.delayTargetMs': setting('EVENKEEL_DELAY_TARGET_MS', 50),
  'service.batchSharePercent': setting('EVENKEEL_BATCH_SHARE_PERCENT', 25),
  'service.defaultDeadlineMs': setting('EVENKEEL_DEFAULT_DEADLINE_MS', 7000),
  'service.maxDeadlineMs': setting('EVENKEEL_MAX_DEADLINE_MS', 20_000),
  'service.drainDelayMs': setting('EVENKEEL_DRAIN_DELAY_MS', 500),
  'service.drainTimeoutMs': setting('EVENKEEL_DRAIN_TIMEOUT_MS', 3_600_000),
  'service.maxMessageBytes': {
    says: 'is EVENKEEL_MAX_MESSAGE_BYTES, and what Envoy keeps of a call to repeat it',
    set: 16_777_216,
    at: (rendering) => [
      rendering.at(`${container} env EVENKEEL_MAX_MESSAGE_BYTES value`),
      rendering.inEnvoy(
        'static_resources listeners grpc filter_chains 0 filters 0 typed_config route_config virtual_hosts replicas request_body_buffer_limit',
      ),
    ],
    is: ['16777216', 16_778_240],
  },
  'service.maxHeaderBytes': setting('EVENKEEL_MAX_HEADER_BYTES', 32_768),
  'service.maxConcurrentStreams': setting('EVENKEEL_MAX_CONCURRENT_STREAMS', 500),
  'service.maxSessionMemoryMb': setting('EVENKEEL_MAX_SESSION_MEMORY_MB', 32),
  'service.maxConnections': setting('EVENKEEL_MAX_CONNECTIONS', 50),
  'service.keepaliveMs': setting('EVENKEEL_KEEPALIVE_MS', 86_400_000),
  'service.keepaliveTimeoutMs': setting('EVENKEEL_KEEPALIVE_TIMEOUT_MS', 5000),
  'service.reflection': setting('EVENKEEL_REFLECTION', true),
  'service.servedBy': setting('EVENKEEL_SERVED_BY', false),
  'service.loadTrailer': setting('EVENKEEL_LOAD_TRAILER', true),
  'service.logLevel': setting('EVENKEEL_LOG_LEVEL', 'warn'),
  'service.accessLog': setting('EVENKEEL_ACCESS_LOG', 'all'),
}

const ports: ValueCases = {
  'service.port': {
    says: 'is the port that pods serve on and Envoy calls by DNS',
    set: 7000,
    given: { balancing: { endpoints: 'dns' } },
    at: (rendering) => [
      rendering.at(`${container} env EVENKEEL_PORT value`),
      rendering.at(`${container} ports grpc containerPort`),
      rendering.at('Service/evenkeel spec ports grpc port'),
      JSON.stringify(rendering.inEnvoy('static_resources clusters replicas')).includes('"port_value":7000'),
    ],
    is: ['7000', 7000, 7000, true],
  },
  'service.healthPort': {
    says: 'is the port that the kubelet asks for health',
    set: 7001,
    at: (rendering) => [
      rendering.at(`${container} env EVENKEEL_HEALTH_PORT value`),
      ...['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) =>
        rendering.at(`${container} ${probe} grpc port`),
      ),
    ],
    is: ['7001', 7001, 7001, 7001],
  },
  'service.metricsPort': {
    says: 'is the port of metrics',
    set: 7002,
    at: (rendering) => [
      rendering.at(`${container} env EVENKEEL_METRICS_PORT value`),
      rendering.at(`${container} ports metrics containerPort`),
      rendering.at('Service/evenkeel spec ports metrics port'),
    ],
    is: ['7002', 7002, 7002],
  },
  'service.healthService': {
    says: 'is asked for by the kubelet and Envoy, but not to see whether a pod hangs',
    set: 'orders',
    at: (rendering) => [
      rendering.at(`${container} startupProbe grpc service`),
      rendering.at(`${container} readinessProbe grpc service`),
      rendering.at(`${container} livenessProbe grpc service`),
      rendering.inEnvoy('static_resources clusters replicas health_checks 0 grpc_health_check service_name'),
    ],
    is: ['orders', 'orders', '', 'orders'],
  },
}

/** What the values below `service` do. */
export const serviceCases: ValueCases = {
  ...imageCases('service.image', container),
  ...settings,
  ...ports,
  'service.chassis': {
    says: 'false gives pods no variables but their name',
    set: false,
    at: (rendering) => (rendering.at(`${container} env`) as { name: string }[]).map(({ name }) => name),
    is: ['EVENKEEL_POD_NAME'],
  },
  'service.command': { says: "takes the place of the image's command", set: ['/serve'], at: `${container} command` },
  'service.args': { says: 'are the arguments of the command', set: ['--fast'], at: `${container} args` },
  'service.env': {
    says: 'adds variables to those of the chart',
    set: [{ name: 'GREETING', value: 'hello' }],
    at: `${container} env GREETING value`,
    is: 'hello',
  },
  'service.idempotent': {
    says: 'false has nobody repeat a call that a pod may have begun',
    set: false,
    at: (rendering) => [
      rendering.inEnvoy(`${route} retry_policy retry_on`),
      rendering.at(
        'Deployment/evenkeel-control-plane spec template spec containers control-plane env EVENKEEL_IDEMPOTENT value',
      ),
    ],
    is: ['connect-failure,refused-stream,reset-before-request,unavailable', 'false'],
  },
  'service.replicas': { says: 'is how many pods there are', set: 5, at: 'Deployment/evenkeel spec replicas' },
  'service.heapPercent': {
    says: 'is the share of the memory limit for the heap of each thread, in place of a computed one',
    set: 40,
    at: `${container} env NODE_OPTIONS value`,
    is: '--max-old-space-size-percentage=40',
  },
  'service.preStopSeconds': {
    says: 'is how long a pod that is deleted waits for SIGTERM',
    set: 11,
    at: `${container} lifecycle preStop sleep seconds`,
  },
  'service.terminationGracePeriodSeconds': {
    says: 'is when a pod that is deleted is killed',
    set: 90,
    at: `${pod} terminationGracePeriodSeconds`,
  },
  'service.resources': {
    says: 'is what a pod asks for and may use',
    set: { requests: { cpu: '750m' } },
    at: `${container} resources requests cpu`,
    is: '750m',
  },
  ...autoscalingCases('service.autoscaling', 'evenkeel'),
  ...budgetCases('service.disruptionBudget', 'evenkeel'),
  ...placementCases('service', 'evenkeel'),
}
