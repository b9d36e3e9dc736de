import type { LoadRecord, StepRecord } from '../support/step-record.ts'

/** Several times, in ms, or ratios. */
export interface Quantiles {
  count: number
  p50: number
  p99: number
  max: number
}

/** What all steps of a kind came to. */
export interface Totals {
  steps: number
  sent: number
  refused: number
  lost: number
}

/** The figures of a whole run. */
export interface Figures {
  graceful: Totals
  crash: Totals
  /** From Ready to the first call, of every pod and caller in steps whose times count. */
  readyToFirstCallMs: Quantiles | undefined
  /** From its deletion to the last new call, of every pod and caller. */
  deletedToLastCallMs: Quantiles | undefined
  /** How calls of even length were spread after the step that left them spread worst, for what chance allows there. */
  worstSpread: { maxOverMin: number; diceP99: number } | undefined
  seconds: number
}

/** Adds the records up. Steps that crash something are counted apart, in times as well: nobody was told of that pod's end. */
export function figuresOf(records: readonly StepRecord[]): Figures {
  const graceful = records.filter(({ kind }) => kind === 'graceful')
  const timed = graceful.filter(({ untimed }) => untimed === undefined)
  const first = Math.min(...records.map(({ startedAtMs }) => startedAtMs))
  const last = Math.max(...records.map(({ endedAtMs }) => endedAtMs))
  return {
    graceful: totalsOf(graceful),
    crash: totalsOf(records.filter(({ kind }) => kind === 'crash')),
    readyToFirstCallMs: quantilesOf(timed.flatMap((record) => timesOf(record, 'readyToFirstCallMs'))),
    deletedToLastCallMs: quantilesOf(timed.flatMap((record) => timesOf(record, 'deletedToLastCallMs'))),
    worstSpread: worstSpreadOf(records),
    seconds: records.length === 0 ? 0 : (last - first) / 1000,
  }
}

function worstSpreadOf(records: readonly StepRecord[]): Figures['worstSpread'] {
  const spreads = records
    .flatMap(({ loads }) => loads)
    .filter(({ name }) => name !== 'mixed')
    .map(({ evenness: { maxOverMin, diceP99 } }) => ({ maxOverMin: maxOverMin ?? Number.POSITIVE_INFINITY, diceP99 }))
  return spreads.toSorted((one, other) => other.maxOverMin / other.diceP99 - one.maxOverMin / one.diceP99)[0]
}

/** All such times of a step, or of one of its callers. */
export function timesOf(
  { pods }: StepRecord,
  what: 'readyToFirstCallMs' | 'deletedToLastCallMs',
  caller?: LoadRecord['name'],
): number[] {
  return pods.flatMap(({ [what]: times }) => (caller === undefined ? Object.values(times) : (times[caller] ?? [])))
}

/** Undefined for no values. A quantile is a value that occurred: the smallest that so many do not exceed. */
export function quantilesOf(values: readonly number[]): Quantiles | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return sorted.length === 0 ? undefined : { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

function totalsOf(records: readonly StepRecord[]): Totals {
  const sum = (what: 'sent' | 'refused' | 'lost'): number =>
    records.flatMap(({ loads }) => loads).reduce((total, { summary }) => total + summary[what], 0)
  return { steps: records.length, sent: sum('sent'), refused: sum('refused'), lost: sum('lost') }
}
