import { type MetricRow, latencyBuckets, processMetrics } from '../chassis/telemetry/metric-table.ts'

const type = ['evenkeel.xds.type'] as const

/** Every metric of the control plane; the table in README.md of this folder is compared with it. */
export const controlPlaneMetrics = {
  subscribers: {
    name: 'evenkeel.xds.subscribers',
    kind: 'gauge',
    unit: '{stream}',
    description: 'Streams that are open',
    attributes: ['evenkeel.xds.protocol'],
  },
  behind: {
    name: 'evenkeel.xds.subscribers.behind',
    kind: 'gauge',
    unit: '{stream}',
    description: 'Streams that have not taken, or have refused, the newest state of a type',
    attributes: type,
  },
  streamsFailed: {
    name: 'evenkeel.xds.streams.failed',
    kind: 'counter',
    unit: '{stream}',
    description: 'Streams that were refused, or ended for what they sent',
    attributes: [],
  },
  responses: {
    name: 'evenkeel.xds.responses',
    kind: 'counter',
    unit: '{response}',
    description: 'Responses that were sent',
    attributes: type,
  },
  responseBytes: {
    name: 'evenkeel.xds.responses.size',
    kind: 'counter',
    unit: 'By',
    description: 'Bytes of all responses',
    attributes: type,
  },
  acknowledged: {
    name: 'evenkeel.xds.acknowledged',
    kind: 'counter',
    unit: '{response}',
    description: 'Responses that a subscriber took (ACK)',
    attributes: type,
  },
  rejected: {
    name: 'evenkeel.xds.rejected',
    kind: 'counter',
    unit: '{response}',
    description: 'Responses that a subscriber refused (NACK); it goes on with what it had',
    attributes: type,
  },
  pushTime: {
    name: 'evenkeel.xds.push.time',
    kind: 'histogram',
    unit: 's',
    description: 'From a change becoming known to a subscriber having taken it',
    attributes: type,
    buckets: latencyBuckets,
  },
  snapshots: {
    name: 'evenkeel.xds.snapshots',
    kind: 'counter',
    unit: '{snapshot}',
    description: 'Changed states that were published',
    attributes: [],
  },
  endpoints: {
    name: 'evenkeel.xds.endpoints',
    kind: 'gauge',
    unit: '{endpoint}',
    description: 'Endpoints as the source knows them',
    attributes: ['evenkeel.service', 'evenkeel.endpoint.state'],
  },
  sourceFaults: {
    name: 'evenkeel.source.faults',
    kind: 'counter',
    unit: '{fault}',
    description: 'Times that a source could not be read; its last good state stays',
    attributes: [],
  },
  sourceFailing: {
    name: 'evenkeel.source.failing',
    kind: 'gauge',
    unit: '1',
    description: '1 while the source cannot be read, else 0',
    attributes: [],
  },
  ...processMetrics,
} as const satisfies Record<string, MetricRow>
