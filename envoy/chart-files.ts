import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Alias, type Document, isCollection, Scalar, stringify, visit } from 'yaml'
import { balancingExtensions } from './config.ts'
import { anchoredNodes, envoyDocument, findByDns } from './template.ts'

const folder = resolve(import.meta.dirname, '../helm/evenkeel/files')
/** Parts of the structure, which config.ts changes as a whole; a chart has a file for each way. */
const structural = ['dynamic_resources', 'listeners', 'eds_config', 'replicas']

/**
 * The chart's files by name. envoy-xds.yaml and envoy-dns.yaml are envoy.yaml with `{{ .NAME | toJson }}` in place of each value
 * with the anchor NAME; envoy-defaults.yaml has the value that each has in envoy.yaml; envoy-balancing.yaml the policies.
 */
export function chartFiles(): Record<string, string> {
  const byDns = envoyDocument()
  findByDns(byDns)
  const defaults = { ...anchoredValues(byDns), ...anchoredValues(envoyDocument()) }
  return {
    'envoy-xds.yaml': templateOf(envoyDocument()),
    'envoy-dns.yaml': templateOf(byDns),
    'envoy-defaults.yaml': dataOf('What each value is in envoy.yaml, unless a place says otherwise.', defaults),
    'envoy-balancing.yaml': dataOf('What each policy is to Envoy.', balancingExtensions),
  }
}

const madeBy =
  ' Made of envoy/ by `npm run generate:chart`; change it there. envoy/README.md has each number with its test.'

function templateOf(document: Document): string {
  for (const anchor of anchoredNodes(document).keys()) putPlaceholder(document, anchor)
  document.commentBefore = madeBy
  const text = document.toString({ lineWidth: 0 })
  return text.replaceAll(/PLACEHOLDER_(\w+)/g, '{{ .$1 | toJson }}')
}

/** Where the value stands, and where it is referred to; its comments stay. */
function putPlaceholder(document: Document, anchor: string): void {
  const placeholder = ({ comment = null, commentBefore = null }: Pick<Scalar, 'comment' | 'commentBefore'>): Scalar =>
    Object.assign(new Scalar(`PLACEHOLDER_${anchor}`), { comment, commentBefore })
  visit(document, {
    Node: (_, node) => {
      if (!('anchor' in node) || node.anchor !== anchor) return undefined
      if (!structural.includes(anchor)) return placeholder(node)
      delete node.anchor
      return undefined
    },
    Alias: (_, node: Alias) => (node.source === anchor ? placeholder(node) : undefined),
  })
}

function anchoredValues(document: Document): Record<string, unknown> {
  const nodes = [...anchoredNodes(document)].filter(([anchor]) => !structural.includes(anchor))
  return Object.fromEntries(
    nodes.map(([anchor, node]) => [anchor, isCollection(node) ? node.toJS(document) : node.value]),
  )
}

function dataOf(about: string, values: object): string {
  return `# ${about}\n#${madeBy}\n${stringify(values, { lineWidth: 0 })}`
}

if (import.meta.main) {
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(chartFiles())) await writeFile(resolve(folder, name), text)
}
