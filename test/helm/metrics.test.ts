import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type MetricRow, metricTable } from '../../chassis/telemetry/metric-table.ts'
import { controlPlaneMetrics } from '../../control-plane/metric-table.ts'
import { dashboardJson } from '../../helm/dashboard/dashboard.ts'
import { rows } from '../../helm/dashboard/panels.ts'
import { startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { dashboardQuestions, kedaQuestions, renderAlerts } from './support/expressions.ts'

/** Labels of each metric, by its name as Prometheus has it. */
type Metrics = Map<string, string[]>

/** What Prometheus adds to every metric of a target. */
const targetLabels = ['namespace', 'service', 'pod']

const alerts = [{ tls: { pods: { enabled: true } } }, { service: { chassis: false } }]
  .flatMap((values) => renderAlerts(values))
  .flatMap(({ rules }) => rules)
const questions = [
  ...alerts.map(({ alert, expr }) => ({ title: alert, expr })),
  ...dashboardQuestions(),
  ...kedaQuestions(),
]

test(
  'every metric that alerts, dashboard and KEDA ask for is one that its component has, with these labels',
  needsEnvoy,
  async () => {
    const known: Record<string, Metrics> = {
      evenkeel: prometheusNames(metricTable),
      'evenkeel-control-plane': prometheusNames(controlPlaneMetrics),
      'evenkeel-envoy-pods': await metricsOfEnvoy(),
    }
    assert.ok(questions.length > 40)
    const unknown = questions.flatMap(({ title, expr }) => {
      const metrics = metricsIn(expr)
      const labels = metrics.flatMap(({ name, service }) => known[service]?.get(name) ?? [])
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '))
      return [
        ...metrics.filter(({ name, service }) => name !== 'up' && !known[service]?.has(name)).map(({ name }) => name),
        ...[...metrics.flatMap((metric) => metric.labels), ...grouped].filter(
          (label) => ![...labels, ...targetLabels].includes(label),
        ),
      ].map((name) => `${title}: ${name}`)
    })
    assert.deepEqual(unknown, [])
  },
)

test('every alert says what it means and what to do, and how severe it is', () => {
  for (const { alert, labels, annotations } of alerts) {
    assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook'], alert)
    assert.match(labels['severity'] ?? '', /^(warning|critical)$/, alert)
  }
})

test("the chart's dashboard is what `npm run generate:chart` makes of its panels now", () => {
  const file = resolve(import.meta.dirname, '../../helm/evenkeel/files/dashboard.json')
  assert.equal(readFileSync(file, 'utf8'), dashboardJson(rows))
})

/** A metric with its selector; `service` is the Service that the selector names. */
function metricsIn(expr: string): { name: string; service: string; labels: string[] }[] {
  return [...expr.matchAll(/([a-z_]\w*)\{([^}]*)\}/g)].map(([, name = '', selector = '']) => ({
    name,
    service: /\bservice="([^"]*)"/.exec(selector)?.[1] ?? '',
    labels: [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  }))
}

/** The metrics of a table as the exporter of Prometheus names them. */
function prometheusNames(table: Record<string, MetricRow>): Metrics {
  const sanitized = (name: string): string => name.replaceAll('.', '_')
  return new Map(
    Object.values(table).flatMap(({ name, kind, attributes }) => {
      const labels = attributes.map(sanitized)
      if (kind === 'histogram')
        return ['_bucket', '_sum', '_count'].map((suffix) => [sanitized(name) + suffix, [...labels, 'le']] as const)
      return [[sanitized(name) + (kind === 'gauge' ? '' : '_total'), labels] as const]
    }),
  )
}

/** What a real Envoy has after a call that was answered and one that failed. */
async function metricsOfEnvoy(): Promise<Metrics> {
  await using backend = await startBackend('replica')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(1)
  backend.behave({ status: status.INTERNAL })
  await caller.callInTurn(1)
  const text = await (await fetch(`${envoy.adminUrl}/stats/prometheus`)).text()
  const metrics: Metrics = new Map()
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm)) {
    const names = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
    metrics.set(name, [...new Set([...(metrics.get(name) ?? []), ...names])])
  }
  return metrics
}
