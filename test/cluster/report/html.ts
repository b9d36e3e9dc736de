import { escaped, figure, reportPage } from '../../support/report-page.ts'
import type { StepRecord } from '../support/step-record.ts'
import type { Circumstances } from './circumstances.ts'
import { figureRows } from './markdown.ts'
import { timelinePlot } from './timeline-plot.ts'

/** The report as one page without anything to load: figures, then for each step a picture of the calls per pod over time. */
export function htmlReport(records: readonly StepRecord[], { date, cluster, leftOut }: Circumstances): string {
  return reportPage({
    title: 'Proofs on the cluster',
    lead: `${date}, ${cluster}. Each colour is a pod; a cross is a call that was lost or refused.`,
    head: ['figure', 'measured', 'aim', ''],
    rows: figureRows(records),
    rest: `${leftOut.map((line) => `<p>Not run: ${escaped(line)}.</p>`).join('\n')}
${records.map(sectionOf).join('\n')}`,
  })
}

function sectionOf(record: StepRecord): string {
  const loads = record.loads.map((load) => {
    const { sent, refused, lost } = load.summary
    const caption = `${load.name}: ${sent} sent, ${refused} refused, ${lost} lost, client retries ${load.retries}`
    return figure(caption, timelinePlot(record, load))
  })
  return `<h2>${escaped(record.title)}</h2>\n${loads.join('\n')}`
}
