import { render, type Values } from './render.ts'

/** An alert as the chart renders it. */
export interface Alert {
  alert: string
  expr: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The groups of a PrometheusRule. */
export type RuleGroups = { name: string; rules: Alert[] }[]

/** A question to Prometheus, and who asks it. */
export interface Question {
  title: string
  expr: string
}

/** The alerts of the chart with these values. */
export function renderAlerts(values: Values = {}): RuleGroups {
  const rendering = render({ ...values, monitoring: { prometheusRule: { enabled: true } } })
  return rendering.at('PrometheusRule/evenkeel spec groups') as RuleGroups
}

/** What the chart's dashboard asks. */
export function dashboardQuestions(): Question[] {
  const rendering = render({ monitoring: { dashboard: { enabled: true } } })
  const { panels } = JSON.parse(rendering.at('ConfigMap/evenkeel-dashboard data evenkeel.json') as string)
  return (panels as { title: string; targets?: { expr: string }[] }[]).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr })),
  )
}

/** What KEDA asks to scale by. */
export function kedaQuestions(): Question[] {
  const rendering = render({ keda: { enabled: true, prometheusUrl: 'http://prometheus:9090' } })
  const triggers = rendering.at('ScaledObject/evenkeel spec triggers') as {
    name: string
    metadata: { query: string }
  }[]
  return triggers.map(({ name, metadata }) => ({ title: name, expr: metadata.query }))
}
