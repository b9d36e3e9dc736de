import type { LoadRecord, StepRecord } from '../support/step-record.ts'
import type { Circumstances } from './circumstances.ts'
import { figuresOf, type Quantiles, quantilesOf, timesOf } from './figures.ts'

/** The report of a run as Markdown: its figures against their aims, then each step with its callers. */
export function markdownReport(records: readonly StepRecord[], { date, cluster, leftOut }: Circumstances): string {
  const lines = [
    '# Proofs on the cluster',
    '',
    `${date}, ${cluster}. Calls are sent on a fixed schedule by pods of the cluster: over one connection to Envoy, and by a caller without`,
    'a proxy. Every call is counted; refused ones are those that a full replica declined.',
    '',
    table(['figure', 'measured', 'aim', ''], figureRows(records)),
    '',
    table(
      [
        'step',
        'caller',
        'sent',
        'refused',
        'lost',
        'retries',
        'Ready → first call',
        'deleted → last call',
        'max/min after (dice)',
      ],
      records.flatMap(stepRows),
    ),
    ...records.flatMap(({ title, untimed }) => (untimed ? [`\nTimes of "${title}" do not count: ${untimed}.`] : [])),
    ...leftOut.map((line) => `\nNot run: ${line}.`),
    '',
    ...errorLines(records),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** The figures of the run, what they are to be, and whether they are. */
export function figureRows(records: readonly StepRecord[]): string[][] {
  const { graceful, crash, readyToFirstCallMs, deletedToLastCallMs, worstSpread, seconds } = figuresOf(records)
  return [
    [
      `lost in ${graceful.steps} graceful steps`,
      `${graceful.lost} of ${graceful.sent}`,
      '0 of 100000',
      verdict(graceful.lost === 0 && graceful.sent >= 100_000),
    ],
    ['refused in them', `${graceful.refused}`, '0', verdict(graceful.refused === 0)],
    [`lost in ${crash.steps} crashes`, `${crash.lost} of ${crash.sent}`, '', ''],
    timesRow('Ready → first call', readyToFirstCallMs, 500),
    timesRow('deleted → last new call', deletedToLastCallMs, 250),
    [
      'max/min after a step, at most',
      worstSpread === undefined
        ? 'none'
        : `${worstSpread.maxOverMin.toFixed(3)}, where dice have ${worstSpread.diceP99.toFixed(3)}`,
      '1.05 or as dice',
      verdict(worstSpread === undefined || worstSpread.maxOverMin <= Math.max(1.05, worstSpread.diceP99)),
    ],
    ['duration', `${(seconds / 60).toFixed(1)} min`, '', ''],
  ]
}

function timesRow(what: string, quantiles: Quantiles | undefined, aimMs: number): string[] {
  const aim = `p99 ${aimMs} ms`
  if (quantiles === undefined) return [what, 'none', aim, '']
  const { count, p50, p99, max } = quantiles
  return [what, `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms, of ${count}`, aim, verdict(p99 <= aimMs)]
}

const verdict = (kept: boolean): string => (kept ? 'kept' : 'MISSED')

function stepRows(record: StepRecord): string[][] {
  return record.loads.map((load) => [
    record.kind === 'crash' ? `${record.title} (crash)` : record.title,
    load.name,
    `${load.summary.sent}`,
    `${load.summary.refused}`,
    `${load.summary.lost}`,
    load.retries,
    worst(record, load, 'readyToFirstCallMs'),
    worst(record, load, 'deletedToLastCallMs'),
    evennessOf(load),
  ])
}

/** Of calls that differ in length their number says nothing: what counts is that all pods work, and that nobody waits for one. */
function evennessOf({ name, evenness, summary: { maxOverMean, queueWaitMs } }: LoadRecord): string {
  if (name === 'mixed') return `busy time max/mean ${maxOverMean.toFixed(3)}, queue wait p99 ${queueWaitMs.p99} ms`
  return `${evenness.maxOverMin?.toFixed(3) ?? 'a pod got none'} (${evenness.diceP99.toFixed(3)})`
}

function worst(record: StepRecord, { name }: LoadRecord, what: Parameters<typeof timesOf>[1]): string {
  const quantiles = quantilesOf(timesOf(record, what, name))
  return quantiles === undefined ? '' : `${quantiles.max} ms at most, ${quantiles.count} pods`
}

function errorLines(records: readonly StepRecord[]): string[] {
  return records.flatMap(({ title, loads }) =>
    loads
      .filter(({ summary }) => summary.lost > 0)
      .map(({ name, summary }) => `- ${title}, ${name}: ${JSON.stringify(summary.errorsByCode)}`),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
