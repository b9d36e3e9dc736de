import type { Counter, Histogram, Meter, MetricOptions, ObservableCounter, ObservableGauge } from '@opentelemetry/api'
import { type MetricRow, metricTable } from './metric-table.ts'

type RowOf<Kind extends MetricRow['kind']> = MetricRow & { kind: Kind }

/** One instrument for each row of the metric table. */
export type Instruments = ReturnType<typeof createInstruments>

/** Makes the instruments of the whole table. Gauges and read counters need a callback before they report anything. */
export function createInstruments(meter: Meter) {
  const counter = (row: RowOf<'counter'>): Counter => meter.createCounter(row.name, optionsOf(row))
  const histogram = (row: RowOf<'histogram'>): Histogram => meter.createHistogram(row.name, optionsOf(row))
  const gauge = (row: RowOf<'gauge'>): ObservableGauge => meter.createObservableGauge(row.name, optionsOf(row))
  const readCounter = (row: RowOf<'read_counter'>): ObservableCounter =>
    meter.createObservableCounter(row.name, optionsOf(row))
  return {
    callStarted: counter(metricTable.callStarted),
    callDuration: histogram(metricTable.callDuration),
    callSentBytes: histogram(metricTable.callSentBytes),
    callReceivedBytes: histogram(metricTable.callReceivedBytes),
    queueWait: histogram(metricTable.queueWait),
    computeTime: histogram(metricTable.computeTime),
    workers: gauge(metricTable.workers),
    workersBusy: gauge(metricTable.workersBusy),
    queueWaiting: gauge(metricTable.queueWaiting),
    connections: gauge(metricTable.connections),
    connectionsRefused: counter(metricTable.connectionsRefused),
    callsInFlight: gauge(metricTable.callsInFlight),
    callsRefused: counter(metricTable.callsRefused),
    workersReplaced: counter(metricTable.workersReplaced),
    lifecycleState: gauge(metricTable.lifecycleState),
    eventLoopDelay: gauge(metricTable.eventLoopDelay),
    eventLoopUtilization: gauge(metricTable.eventLoopUtilization),
    memoryUsage: gauge(metricTable.memoryUsage),
    cpuTime: readCounter(metricTable.cpuTime),
  } satisfies Record<keyof typeof metricTable, unknown>
}

function optionsOf({ unit, description, buckets }: MetricRow): MetricOptions {
  return { unit, description, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) }
}
