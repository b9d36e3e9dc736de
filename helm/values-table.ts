import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml'

const chart = resolve(import.meta.dirname, 'evenkeel')
const readme = resolve(chart, 'README.md')
const [begin, end] = ['<!-- values: made by `npm run generate:chart` -->', '<!-- end of values -->']

/** One value of the chart: a key of values.yaml that holds no further keys, or whose comment speaks for all of them. */
export interface ChartValue {
  /** As `service.image.tag`. */
  path: string
  default: unknown
  /** What `# -- ` above the key says; undefined when nothing does. */
  meaning: string | undefined
}

/** The values of values.yaml, in its order. */
export function chartValues(text: string = readFileSync(resolve(chart, 'values.yaml'), 'utf8')): ChartValue[] {
  const document = parseDocument(text)
  if (!isMap(document.contents)) throw new Error('values.yaml is not a map')
  return valuesBelow(document, document.contents, [])
}

function valuesBelow(document: Document, map: YAMLMap, parents: readonly string[]): ChartValue[] {
  return map.items.flatMap((pair, index) => {
    const path = [...parents, keyOf(pair)]
    // A comment above the first key of a map belongs to the map.
    const meaning = meaningIn((pair.key as Node).commentBefore ?? (index === 0 ? map.commentBefore : undefined))
    const value = pair.value as Node
    if (meaning === undefined && isMap(value) && value.items.length > 0) return valuesBelow(document, value, path)
    return [{ path: path.join('.'), default: value.toJS(document), meaning }]
  })
}

function keyOf({ key }: Pair): string {
  if (isScalar(key) && typeof key.value === 'string') return key.value
  throw new Error(`values.yaml: ${String(key)} is no key`)
}

function meaningIn(comment: string | null | undefined): string | undefined {
  return /^ -- (.+)$/m.exec(comment ?? '')?.[1]
}

/** README's tables of values: one for each part of the release, and one for what all parts share. */
export function valuesTables(values: readonly ChartValue[] = chartValues()): string {
  const groups = Map.groupBy(values, ({ path }) => (path.includes('.') ? path.split('.')[0] : undefined))
  return [...groups]
    .map(([group, rows]) => `### ${group === undefined ? 'All parts' : `\`${group}\``}\n\n${tableOf(rows)}`)
    .join('\n\n')
}

function tableOf(rows: readonly ChartValue[]): string {
  const lines = rows.map(({ path, default: value, meaning = '' }) => {
    const shown = JSON.stringify(value)
    return `| \`${path}\` | ${shown.length > 60 ? 'see values.yaml' : `\`${shown}\``} | ${meaning} |`
  })
  return ['| value | default | what it is |', '| --- | --- | --- |', ...lines].join('\n')
}

/** A README with these tables between its two markers. Throws where it lacks them. */
export function withTables(text: string, tables: string): string {
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`helm/evenkeel/README.md: write ${begin} and ${end} into it`)
  return `${text.slice(0, before + begin.length)}\n\n${tables}\n\n${text.slice(after)}`
}

if (import.meta.main) writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), valuesTables()))
