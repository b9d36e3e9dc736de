import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { Metadata } from '@grpc/grpc-js'
import { metricsInterceptor } from '../../chassis/interceptors/metrics.ts'
import { tracingInterceptor } from '../../chassis/interceptors/tracing.ts'
import { okStatus } from '../../chassis/status.ts'
import { startTelemetry } from '../../chassis/telemetry/telemetry.ts'
import { handlesClose } from '../support/handles-close.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { hooksAround, plainCall } from '../support/plain-call.ts'

const config = {
  host: '127.0.0.1',
  logLevel: 'silent',
  metricsPort: 0,
  podName: 'pod-7',
  processName: '0',
} as const
const quiet = { config, workload: 'test', env: {} }
const traceId = '0af7651916cd43dd8448eb211c80319c'
const callerSpanId = 'b7ad6b7169203331'

/** Exporters read the environment of the process when they are made; what was there before is put back. */
function setEnvironment(variables: Record<string, string>): Disposable {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(variables)) delete process.env[name]
      Object.assign(process.env, before)
    },
  }
}

afterEach(handlesClose)

test('Prometheus reads the calls so far, and who speaks, from the metrics port', async () => {
  await using telemetry = await startTelemetry(quiet)
  const call = hooksAround(metricsInterceptor(telemetry.events.instruments))
  call?.sent?.(2000)
  call.ended(okStatus())
  const response = await fetch(`http://127.0.0.1:${telemetry.metricsPort}/metrics`)
  const text = await response.text()
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.match(text, /^grpc_server_call_started_total\{grpc_method="test\.v1\.TestService\/Run"\} 1$/m)
  assert.match(
    text,
    /^grpc_server_call_sent_total_compressed_message_size_bucket\{grpc_method="test\.v1\.TestService\/Run",grpc_status="OK",le="2048"\} 1$/m,
  )
  assert.match(text, /^target_info\{.*service_name="evenkeel".*service_instance_id="pod-7".*\} 1$/m)
  assert.match(text, /^process_memory_usage \d+$/m)
})

test('the metrics port serves nothing but GET /metrics', async () => {
  await using telemetry = await startTelemetry(quiet)
  const origin = `http://127.0.0.1:${telemetry.metricsPort}`
  const answers = await Promise.all([fetch(`${origin}/`), fetch(`${origin}/metrics`, { method: 'POST' })])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [404, 405],
  )
})

test('a metrics port that is taken is named, and the start fails', async () => {
  await using first = await startTelemetry(quiet)
  const second = startTelemetry({ ...quiet, config: { ...config, metricsPort: first.metricsPort ?? 0 } })
  await assert.rejects(second, new RegExp(`metrics port: cannot listen on 127\\.0\\.0\\.1:${first.metricsPort}`))
})

test('the metrics port is closed at the end, also to a reader that keeps its connection', async () => {
  const telemetry = await startTelemetry(quiet)
  const address = `http://127.0.0.1:${telemetry.metricsPort}/metrics`
  await (await fetch(address)).text()
  await telemetry[Symbol.asyncDispose]()
  await assert.rejects(fetch(address))
})

test('with the port off and no variables nothing is exported and nothing is measured', async () => {
  await using telemetry = await startTelemetry({ ...quiet, config: { ...config, metricsPort: 'off' } })
  assert.deepEqual(
    [telemetry.metricsPort, telemetry.tracer, telemetry.events.instruments],
    [undefined, undefined, undefined],
  )
})

test('a collector gets spans and metrics when the replica ends, the port serves at the same time', async () => {
  await using collector = await startOtlpCollector()
  using _ = setEnvironment(collector.environment)
  const telemetry = await startTelemetry({ ...quiet, env: process.env })
  const metadata = new Metadata()
  metadata.set('traceparent', `00-${traceId}-${callerSpanId}-01`)
  const startedAtMs = performance.now() - 100
  const interceptors = [tracingInterceptor(telemetry.tracer), metricsInterceptor(telemetry.events.instruments)]
  for (const interceptor of interceptors) {
    const hooks = hooksAround(interceptor, plainCall({ metadata, startedAtMs }))
    hooks?.computed?.({ worker: 3, queuedAtMs: startedAtMs + 10, queueMs: 20, computeMs: 50 })
    hooks.ended(okStatus())
  }
  const scraped = await (await fetch(`http://127.0.0.1:${telemetry.metricsPort}/metrics`)).text()
  await telemetry[Symbol.asyncDispose]()

  assert.match(scraped, /^grpc_server_call_started_total/m)
  assert.ok(collector.metricNames.has('grpc.server.call.duration'))
  assert.ok(collector.metricNames.has('evenkeel.queue.wait'))
  const byName = new Map(collector.spans.map((span) => [span.name, span]))
  const call = byName.get('test.v1.TestService/Run')
  assert.deepEqual([call?.traceId, call?.parentSpanId], [traceId, callerSpanId])
  assert.deepEqual(
    [byName.get('queue'), byName.get('compute')].map((span) => [span?.traceId, span?.parentSpanId]),
    Array.from({ length: 2 }, () => [traceId, call?.spanId]),
  )
  assert.equal(call?.resource['service.name'], 'evenkeel')
  assert.equal(call.resource['service.instance.id'], 'pod-7')
})

test('OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say who speaks', async () => {
  await using collector = await startOtlpCollector()
  using _ = setEnvironment({
    ...collector.environment,
    OTEL_SERVICE_NAME: 'prime-time',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
  })
  const telemetry = await startTelemetry({ ...quiet, env: process.env })
  hooksAround(tracingInterceptor(telemetry.tracer)).ended(okStatus())
  await telemetry[Symbol.asyncDispose]()
  const resource = collector.spans[0]?.resource
  assert.equal(resource?.['service.name'], 'prime-time')
  assert.equal(resource['deployment.environment.name'], 'staging')
})

test('a collector that takes requests and never answers does not hold the end', async () => {
  await using collector = await startOtlpCollector({ silent: true })
  using _ = setEnvironment({ ...collector.environment, OTEL_EXPORTER_OTLP_TIMEOUT: '3000' })
  const telemetry = await startTelemetry({ ...quiet, env: process.env })
  hooksAround(tracingInterceptor(telemetry.tracer)).ended(okStatus())
  await telemetry[Symbol.asyncDispose]()
  // The exporters' own time limit is not over: they still wait for their answers.
  assert.ok(collector.waiting > 0)
})
