import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { chartFolder, render, type Values } from './render.ts'
import type { Rendering } from './rendering.ts'

const folder = join(chartFolder, 'ci')

/** One set of values, and what comes of it as release `evenkeel` in the namespace `shop`. */
export interface ValueSet {
  name: string
  values: Values
  rendering: Rendering
}

/** Names of the files in the chart's ci/. */
export const valueFiles: readonly string[] = readdirSync(folder)

const issuerRef = { name: 'own', kind: 'ClusterIssuer' }
/** What nobody installs in a test, and has to be right nevertheless. */
const more: Record<string, Values> = {
  'certificates of cert-manager': {
    tls: { callers: { enabled: true, issuerRef }, pods: { enabled: true, issuerRef } },
  },
  'another image': { service: { chassis: false, image: { repository: 'example/other', tag: '1' } } },
  'callers with and without Envoy': { proxyless: { enabled: true }, balancing: { zones: 'prefer' } },
  monitoring: {
    monitoring: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
      dashboard: { enabled: true },
    },
  },
  KEDA: { keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } },
  'a Gateway': {
    envoy: { enabled: false },
    gateway: { enabled: true, parentRefs: [{ name: 'edge', namespace: 'edge' }], hostnames: ['primes.example'] },
  },
  'a mesh': { envoy: { enabled: false }, istio: { enabled: true } },
  'bounds of everything': {
    service: { maxMessageBytes: 16_777_216, maxConnections: 1_000_000, queueLimit: 1_000_000 },
    envoy: { maxConnections: 10_000_000, maxRequests: 10_000_000, maxConnectionDurationSeconds: 0 },
  },
}

/** The sets of ci/, and some more. */
export function valueSets(): ValueSet[] {
  const files = valueFiles.map((file) => [
    file.replace('-values.yaml', ''),
    parse(readFileSync(join(folder, file), 'utf8')),
  ])
  return [...files, ...Object.entries(more)].map(([name, values]) => ({ name, values, rendering: render(values) }))
}
