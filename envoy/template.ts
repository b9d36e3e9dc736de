import { readFileSync } from 'node:fs'
import {
  type Document,
  isCollection,
  isScalar,
  isSeq,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

const template = new URL('./envoy.yaml', import.meta.url)
const dnsEndpoints = new URL('./dns-endpoints.yaml', import.meta.url)

/** envoy.yaml as it stands, with its comments. */
export function envoyYaml(): string {
  return readFileSync(template, 'utf8')
}

/** A fresh copy of envoy.yaml, to be changed. */
export function envoyDocument(): Document {
  return parseDocument(envoyYaml())
}

/** Has replicas found by DNS, as dns-endpoints.yaml says, instead of being told; nobody else is asked. */
export function findByDns(document: Document): void {
  const replicas = anchored(document, 'replicas') as YAMLMap
  const { contents } = parseDocument<YAMLMap>(readFileSync(dnsEndpoints, 'utf8'))
  const at = replicas.items.findIndex((pair) => String(pair.key) === 'type')
  replicas.delete('type')
  replicas.delete('eds_cluster_config')
  replicas.items.splice(at, 0, ...(contents?.items ?? []))
  forgetControlPlane(document)
}

/** For places where nothing is told by a control plane. */
export function forgetControlPlane(document: Document): void {
  replaceAnchored(document, 'dynamic_resources', {})
  const clusters = document.getIn(['static_resources', 'clusters']) as YAMLSeq<YAMLMap>
  clusters.items = clusters.items.filter((cluster) => cluster.get('name') !== 'control_plane')
}

/** Replaces what has the anchor, and what refers to it. */
export function replaceAnchored(document: Document, anchor: string, value: unknown): void {
  const node = anchored(document, anchor)
  if (isScalar(node)) {
    node.value = value
    return
  }
  const replacement = document.createNode(value)
  if (!isCollection(replacement)) throw new TypeError(`envoy.yaml: &${anchor} is a collection, its replacement is not`)
  node.items = replacement.items
}

/** Appends to the text, or the list, that has the anchor. */
export function appendTo(document: Document, anchor: string, value: unknown): void {
  const node = anchored(document, anchor)
  if (isScalar(node)) node.value = `${String(node.value)}${String(value)}`
  else if (isSeq(node)) node.add(document.createNode(value))
}

function anchored(document: Document, anchor: string): Scalar | YAMLMap | YAMLSeq {
  const node = anchoredNodes(document).get(anchor)
  if (node === undefined) throw new Error(`envoy.yaml has no value with the anchor &${anchor}; restore it`)
  return node
}

/** Everything that has an anchor, by its name. */
export function anchoredNodes(document: Document): Map<string, Scalar | YAMLMap | YAMLSeq> {
  const found = new Map<string, Scalar | YAMLMap | YAMLSeq>()
  const keep = (node: Scalar | YAMLMap | YAMLSeq): void => void (node.anchor && found.set(node.anchor, node))
  visit(document, { Scalar: (_, node) => keep(node), Map: (_, node) => keep(node), Seq: (_, node) => keep(node) })
  return found
}
