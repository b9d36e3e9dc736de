import type { Counter, Histogram, Meter, MetricOptions, ObservableCounter, ObservableGauge } from '@opentelemetry/api'
import { type MetricKind, type MetricRow, metricTable } from './metric-table.ts'

/** What OpenTelemetry makes of each kind of row. */
interface InstrumentByKind {
  counter: Counter
  histogram: Histogram
  gauge: ObservableGauge
  read_counter: ObservableCounter
}

/** One instrument for each row of a table. */
export type InstrumentsOf<Table extends Record<string, MetricRow>> = {
  readonly [Name in keyof Table]: InstrumentByKind[Table[Name]['kind']]
}

/** The instruments of a replica. */
export type Instruments = InstrumentsOf<typeof metricTable>

/** Makes the instruments of a replica. Gauges and read counters need a callback before they report anything. */
export function createInstruments(meter: Meter): Instruments {
  return createInstrumentsOf(meter, metricTable)
}

/** Makes the instruments of any table. */
export function createInstrumentsOf<Table extends Record<string, MetricRow>>(
  meter: Meter,
  table: Table,
): InstrumentsOf<Table> {
  const made = Object.entries(table).map(([name, row]) => [name, makers[row.kind](meter, row)])
  return Object.fromEntries(made) as InstrumentsOf<Table>
}

const makers: { [Kind in MetricKind]: (meter: Meter, row: MetricRow) => InstrumentByKind[Kind] } = {
  counter: (meter, row) => meter.createCounter(row.name, optionsOf(row)),
  histogram: (meter, row) => meter.createHistogram(row.name, optionsOf(row)),
  gauge: (meter, row) => meter.createObservableGauge(row.name, optionsOf(row)),
  read_counter: (meter, row) => meter.createObservableCounter(row.name, optionsOf(row)),
}

function optionsOf({ unit, description, buckets }: MetricRow): MetricOptions {
  return { unit, description, ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }) }
}
