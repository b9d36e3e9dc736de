/** How a metric is collected: counted as it happens, recorded as it happens, or read when somebody asks. */
export type MetricKind = 'counter' | 'histogram' | 'gauge' | 'read_counter'

/** One metric as it is exported. Prometheus writes dots as underscores and appends `_total` to counters. */
export interface MetricRow {
  name: string
  kind: MetricKind
  /** UCUM unit, as OpenTelemetry wants it: `s`, `By`, `1`, or an annotation such as `{call}`. */
  unit: string
  description: string
  /** Attributes; each has few values: methods of the service, gRPC statuses, rows of the error table. */
  attributes: readonly string[]
  /** Upper bounds of the histogram's buckets. */
  buckets?: readonly number[]
}

/** Latency buckets in seconds. https://github.com/grpc/proposal/blob/master/A66-otel-stats.md#units */
export const latencyBuckets = [
  0, 0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008, 0.01, 0.013,
  0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 2, 5, 10,
  20, 50, 100,
] as const

/** Size buckets in bytes, of the same document. */
export const sizeBuckets = [
  0, 1024, 2048, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864, 268435456, 1073741824, 4294967296,
] as const

/** Buckets of a ratio whose right value is 1. */
export const ratioBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.9, 1.1, 1.4, 2, 5, 10, 20, 50, 100] as const

const method = ['grpc.method'] as const
const methodAndStatus = ['grpc.method', 'grpc.status'] as const

/** What every process of ours says of itself. */
export const processMetrics = {
  eventLoopDelay: {
    name: 'nodejs.eventloop.delay.p99',
    kind: 'gauge',
    unit: 's',
    description: 'How late the gRPC thread came to its timers since the last reading, 99th percentile',
    attributes: [],
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    description: 'Share of time that the gRPC thread was at work since the last reading',
    attributes: [],
  },
  memoryUsage: {
    name: 'process.memory.usage',
    kind: 'gauge',
    unit: 'By',
    description: 'Resident memory of the process, all threads',
    attributes: [],
  },
  cpuTime: {
    name: 'process.cpu.time',
    kind: 'read_counter',
    unit: 's',
    description: 'Processor time of the process, all threads',
    attributes: ['cpu.mode'],
  },
} as const satisfies Record<string, MetricRow>

/**
 * Every metric of a replica; the table in README.md of this folder is compared with it. The `grpc.` names are the official
 * ones of gRFC A66, so that dashboards made for gRPC in other languages fit; `process.` and `nodejs.` are OpenTelemetry's
 * semantic conventions.
 */
export const metricTable = {
  callStarted: {
    name: 'grpc.server.call.started',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls that began, also those not yet over',
    attributes: method,
  },
  callDuration: {
    name: 'grpc.server.call.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the headers of a call to the end of its stream',
    attributes: methodAndStatus,
    buckets: latencyBuckets,
  },
  callSentBytes: {
    name: 'grpc.server.call.sent_total_compressed_message_size',
    kind: 'histogram',
    unit: 'By',
    description: 'Bytes of all response messages of a call, without framing',
    attributes: methodAndStatus,
    buckets: sizeBuckets,
  },
  callReceivedBytes: {
    name: 'grpc.server.call.rcvd_total_compressed_message_size',
    kind: 'histogram',
    unit: 'By',
    description: 'Bytes of all request messages of a call, without framing',
    attributes: methodAndStatus,
    buckets: sizeBuckets,
  },
  queueWait: {
    name: 'evenkeel.queue.wait',
    kind: 'histogram',
    unit: 's',
    description: 'How long a task waited for a worker',
    attributes: method,
    buckets: latencyBuckets,
  },
  computeTime: {
    name: 'evenkeel.compute.time',
    kind: 'histogram',
    unit: 's',
    description: 'Wall time that a worker computed a task',
    attributes: method,
    buckets: latencyBuckets,
  },
  costError: {
    name: 'evenkeel.cost.error',
    kind: 'histogram',
    unit: '1',
    description: 'Computing time of a task over what was expected of it: 1 is right',
    attributes: [],
    buckets: ratioBuckets,
  },
  computeWasted: {
    name: 'evenkeel.compute.wasted',
    kind: 'histogram',
    unit: 's',
    description: 'How long a worker went on with a task whose call was over',
    attributes: [],
    buckets: latencyBuckets,
  },
  tasksDropped: {
    name: 'evenkeel.tasks.dropped',
    kind: 'counter',
    unit: '{task}',
    description:
      'Tasks that left the queue before they began: the caller gave up (given-up), too little time was left (late)',
    attributes: ['evenkeel.reason'],
  },
  workers: {
    name: 'evenkeel.workers',
    kind: 'gauge',
    unit: '{worker}',
    description: 'Worker threads that can take tasks',
    attributes: [],
  },
  workersBusy: {
    name: 'evenkeel.workers.busy',
    kind: 'gauge',
    unit: '{worker}',
    description: 'Worker threads that compute now',
    attributes: [],
  },
  queueWaiting: {
    name: 'evenkeel.queue.waiting',
    kind: 'gauge',
    unit: '{task}',
    description: 'Tasks that wait for a worker now',
    attributes: [],
  },
  connections: {
    name: 'evenkeel.connections',
    kind: 'gauge',
    unit: '{connection}',
    description: 'Connections that are open on the port of the service',
    attributes: [],
  },
  connectionsRefused: {
    name: 'evenkeel.connections.refused',
    kind: 'counter',
    unit: '{connection}',
    description:
      'Connections closed on callers: the most were open (limit), TLS failed (handshake, name), HTTP/2 was broken (protocol)',
    attributes: ['evenkeel.reason'],
  },
  callsInFlight: {
    name: 'evenkeel.calls.in_flight',
    kind: 'gauge',
    unit: '{call}',
    description: 'Calls of the workload that are not over',
    attributes: [],
  },
  callsRefused: {
    name: 'evenkeel.calls.refused',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls sent away to be repeated elsewhere or later, by row of the error table',
    attributes: ['evenkeel.error'],
  },
  workersReplaced: {
    name: 'evenkeel.workers.replaced',
    kind: 'counter',
    unit: '{worker}',
    description:
      'Worker threads that were replaced: dead (died), deaf (ignored-stop), or ended with a call that was over (stopped)',
    attributes: ['evenkeel.reason'],
  },
  lifecycleState: {
    name: 'evenkeel.lifecycle.state',
    kind: 'gauge',
    unit: '1',
    description: '1 for the state that the replica is in, 0 for the others',
    attributes: ['evenkeel.state'],
  },
  ...processMetrics,
} as const satisfies Record<string, MetricRow>
