import type { LoadResult } from './run-load.ts'
import type { NamedShare } from './shares.ts'
import { type Column, barOf, tableOf } from './table.ts'
import { ratio } from './verdicts.ts'

/** What a load was asked to be, for its first line. */
export interface LoadTitle {
  connections: number
  rate: number
  retries: string
}

/** Characters of the longest bar. */
const barWidth = 30
/** Workers of a large fleet are not listed one by one. */
const mostRows = 64

/** What came of a load as text for people: who answered, how fast, what was lost. */
export function describeLoad(result: LoadResult, title: LoadTitle): string {
  const { summary, shares } = result
  const connections = title.connections === 1 ? '1 connection' : `${title.connections} connections`
  const parts = [
    `${summary.sent} calls in ${summary.seconds} s over ${connections}, ${title.rate} per second, retries ${title.retries}`,
    sharesTable('pod', shares.pods),
    sharesTable('process', shares.processes),
    sharesTable('worker', shares.workers),
    timesTable(result),
    [endings(result), ...errors(result), evenness(result)].join('\n'),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function sharesTable(kind: string, shares: readonly NamedShare[]): string {
  if (shares.length === 0) return ''
  if (shares.length > mostRows) return `${shares.length} of ${kind}, more than are listed; --json has them`
  const busy = shares.some(({ busyMs }) => busyMs > 0)
  const refusing = shares.some(({ refused = 0 }) => refused > 0)
  const sizeOf = ({ calls, busyMs }: NamedShare): number => (busy ? busyMs : calls)
  const [total, most] = [sum(shares.map(sizeOf)), Math.max(...shares.map(sizeOf))]
  const columns: Column[] = [
    { title: kind },
    { title: 'calls', right: true },
    { title: 'busy ms', right: true },
    ...(refusing ? [{ title: 'refused', right: true }] : []),
    { title: busy ? 'of busy' : 'of calls', right: true },
    { title: '' },
  ]
  const rows = shares.map((share) => [
    share.name,
    String(share.calls),
    share.busyMs.toFixed(0),
    ...(refusing ? [String(share.refused ?? 0)] : []),
    `${((100 * sizeOf(share)) / (total || 1)).toFixed(1)} %`,
    barOf(sizeOf(share), most, barWidth),
  ])
  return tableOf(columns, rows)
}

function timesTable({ summary }: LoadResult): string {
  const { p50, p90, p99, p999, max } = summary.latencyMs
  const columns = ['ms', 'p50', 'p90', 'p99', 'p99.9', 'max'].map((title, index) => ({ title, right: index > 0 }))
  const rows = [
    ['latency', p50, p90, p99, p999, max],
    ['queue wait', summary.queueWaitMs.p50, '', summary.queueWaitMs.p99],
  ]
  return tableOf(
    columns,
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell))),
  )
}

function endings({ summary, unidentified, cutShort }: LoadResult): string {
  const { ok, refused, lost, cut, retried, notSent } = summary
  const invalid = summary.errorsByCode['INVALID_ARGUMENT'] ?? 0
  return [
    `ok ${ok}`,
    `refused ${refused}`,
    `lost ${lost}${cut > 0 ? ` (${cut} cut between headers and trailers)` : ''}`,
    `retried ${retried}`,
    ...(invalid > 0 ? [`invalid ${invalid}`] : []),
    ...(notSent > 0 ? [`not sent ${notSent}`] : []),
    ...(unidentified > 0 ? [`answered by nobody known ${unidentified} (--identify-by says where a name is)`] : []),
    ...(cutShort ? ['cut short'] : []),
  ].join(', ')
}

function errors({ summary, firstDetailsByCode }: LoadResult): string[] {
  return Object.entries(summary.errorsByCode).map(
    ([code, calls]) =>
      `${code} ${calls}, the first: ${firstDetailsByCode[code]?.replaceAll(/\s+/g, ' ').slice(0, 200)}`,
  )
}

function evenness({ summary }: LoadResult): string {
  const { maxOverMin, maxOverMean, diceP99 } = summary
  return `calls max/min ${ratio(maxOverMin)} (fair dice stay under ${ratio(diceP99)}), busy time max/mean ${ratio(maxOverMean)}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
