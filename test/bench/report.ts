import { figure, reportPage } from '../support/report-page.ts'
import { type Row, shown } from './row.ts'

/** Figures of benchmarks as one page without anything to load, with the pictures of those that have one. */
export function benchReport(benches: readonly string[], rows: readonly Row[], date: string): string {
  return reportPage({
    title: `Benchmarks: ${benches.join(', ')}`,
    lead: `${date}. Absolute figures hold for one machine; ratios carry over.`,
    head: ['figure', 'measured', 'aim', 'beside it'],
    rows: rows.map(({ name, value, unit, aim, peer }) => [
      name,
      `${shown(value)} ${unit}`,
      aim === null ? '' : `${aim} ${unit}`,
      peer ?? '',
    ]),
    rest: rows.flatMap(({ name, picture }) => (picture === undefined ? [] : [figure(name, picture)])).join('\n'),
  })
}
