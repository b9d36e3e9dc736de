/** What a report says. */
export interface ReportPage {
  title: string
  /** One line below the title, as text. */
  lead: string
  /** A table, as text: the head, and the cells of each row. */
  head: readonly string[]
  rows: readonly (readonly string[])[]
  /** What follows, as HTML. */
  rest: string
}

/** A page with a table and pictures, without anything to load. */
export function reportPage({ title, lead, head, rows, rest }: ReportPage): string {
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
<p>${escaped(lead)}</p>
<table><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>${body.join('')}</table>
${rest}
</html>
`
}

/** A picture with what it shows. `caption` is text, `svg` is taken as it is. */
export function figure(caption: string, svg: string): string {
  return `<figure><figcaption>${escaped(caption)}</figcaption>${svg}</figure>`
}

/** Text for HTML. */
export function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1040px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: left }
figure { margin: 1rem 0 } figcaption { color: #555 }
h2 { margin-top: 2.5rem; font-size: 1.15rem }`
