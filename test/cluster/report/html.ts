import type { StepRecord } from '../support/step-record.ts'
import type { Circumstances } from './circumstances.ts'
import { figureRows } from './markdown.ts'
import { timelinePlot } from './timeline-plot.ts'

/** The report as one page without anything to load: figures, then for each step a picture of the calls per pod over time. */
export function htmlReport(records: readonly StepRecord[], { date, cluster, leftOut }: Circumstances): string {
  const rows = figureRows(records).map(
    (cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Proofs on the cluster</title>
<style>${style}</style>
<h1>Proofs on the cluster</h1>
<p>${escaped(date)}, ${escaped(cluster)}. Each colour is a pod; a cross is a call that was lost or refused.</p>
<table><tr><th>figure</th><th>measured</th><th>aim</th><th></th></tr>${rows.join('')}</table>
${leftOut.map((line) => `<p>Not run: ${escaped(line)}.</p>`).join('\n')}
${records.map(sectionOf).join('\n')}
</html>
`
}

function sectionOf(record: StepRecord): string {
  const loads = record.loads.map((load) => {
    const { sent, refused, lost } = load.summary
    const caption = `${load.name}: ${sent} sent, ${refused} refused, ${lost} lost, client retries ${load.retries}`
    return `<figure><figcaption>${escaped(caption)}</figcaption>${timelinePlot(record, load)}</figure>`
  })
  return `<h2>${escaped(record.title)}</h2>\n${loads.join('\n')}`
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: left }
figure { margin: 1rem 0 } figcaption { color: #555 }
h2 { margin-top: 2.5rem; font-size: 1.15rem }`

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
