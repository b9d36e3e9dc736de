import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportsWanted } from './exports-wanted.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

for (const [title, env, traces, otlpMetrics] of [
  ['without variables nothing is exported', {}, false, undefined],
  ['an endpoint exports traces and metrics', endpoint, true, 'http/protobuf'],
  ['an endpoint of traces exports traces only', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:1' }, true, undefined],
  [
    'an endpoint of metrics exports metrics only',
    { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://a:1' },
    false,
    'http/protobuf',
  ],
  [
    'an exporter needs no endpoint',
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp' },
    true,
    'http/protobuf',
  ],
  [
    'none switches a signal off',
    { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: ' none ' },
    false,
    undefined,
  ],
  ['an empty exporter counts as unset', { ...endpoint, OTEL_TRACES_EXPORTER: '' }, true, 'http/protobuf'],
  ['OTEL_SDK_DISABLED switches everything off', { ...endpoint, OTEL_SDK_DISABLED: 'true' }, false, undefined],
  ['the protocol of all signals holds for metrics', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, true, 'grpc'],
  [
    'the protocol of metrics wins',
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
    true,
    'http/json',
  ],
] as const) {
  test(title, () => {
    const wanted = exportsWanted(env)
    assert.deepEqual([wanted.traces, wanted.otlpMetrics, wanted.problems], [traces, otlpMetrics, []])
  })
}

test('what cannot be done is said', () => {
  const { otlpMetrics, problems } = exportsWanted({
    OTEL_METRICS_EXPORTER: 'prometheus, otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke-signals',
  })
  assert.equal(otlpMetrics, 'http/protobuf')
  assert.deepEqual(
    problems.map((problem) => problem.match(/prometheus|OTEL_LOGS_EXPORTER|smoke-signals/)?.[0]),
    ['prometheus', 'OTEL_LOGS_EXPORTER', 'smoke-signals'],
  )
})

test('an export is given up before the next one is due', () => {
  const wanted = exportsWanted({ OTEL_METRIC_EXPORT_INTERVAL: '5000' })
  assert.deepEqual([wanted.metricIntervalMs, wanted.metricTimeoutMs], [5000, 5000])
})

for (const text of ['', 'soon', '-1', '0']) {
  test(`an interval of "${text}" is a minute`, () => {
    assert.equal(exportsWanted({ OTEL_METRIC_EXPORT_INTERVAL: text }).metricIntervalMs, 60_000)
  })
}
