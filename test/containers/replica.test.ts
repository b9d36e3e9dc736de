import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader'
import { reflect } from '../../cli/spread/reflect.ts'
import { PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthClient,
  HealthService,
} from '../../gen/health/v1/health.ts'
import { callUnary } from '../support/call.ts'
import { removeLeftBehind } from '../support/confined-container.ts'
import { eventually } from '../support/eventually.ts'
import { startGrpcSink, startHttpSink } from '../support/export-sink.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { startOtlpCollector } from '../support/otlp-collector.ts'
import { startReplicaContainer } from '../support/replica-container.ts'
import { connect } from '../support/service.ts'

/** A prime of 1279 bits: no thread that speaks gRPC computes that. */
const number = String(2n ** 1279n - 1n)

before(removeLeftBehind)
after(removeLeftBehind)

test('a confined container serves calls, health, reflection and metrics to the network', async () => {
  await using replica = await startReplicaContainer('primes', {
    args: ['--reflection'],
    hostname: 'pod-a',
    ports: [50051, 50052, 9464],
  })
  using client = connect(PrimesServiceClient, replica.address(50051))
  const call = await callUnary(client, PrimesServiceService.checkPrime, { request: { number } })
  assert.deepEqual(call.trailers.get('evenkeel-pod'), ['pod-a'])
  assert.match(String(call.trailers.get('evenkeel-worker')), /^\d+$/)

  for (const port of [50051, 50052]) {
    using health = connect(HealthClient, replica.address(port))
    const { response } = await callUnary(health, HealthService.check, { request: { service: '' } })
    assert.equal(response?.status, Serving.SERVING)
  }

  const files = await reflect({ target: replica.address(50051) }, 'evenkeel.primes.v1.PrimesService')
  assert.ok(loadFileDescriptorSetFromBuffer(files)['evenkeel.primes.v1.PrimesService'])

  const metrics = await (await fetch(`http://${replica.address(9464)}/metrics`)).text()
  assert.match(metrics, /^grpc_server_call_duration_count\{.*CheckPrime.*\} 1$/m)
})

test('a confined container exports spans and metrics as JSON', async () => {
  await using collector = await startOtlpCollector()
  await using replica = await startExporting({ ...collector.environment, OTEL_METRIC_EXPORT_INTERVAL: '100' })
  await checkPrime(replica.serving.addresses['grpc'])
  await eventually(() => assert.ok(collector.metricNames.has('grpc.server.call.duration')))
  await replica.kill('SIGTERM')
  assert.equal(await replica.exited(), 0)
  assert.ok(collector.spans.some(({ name }) => name.endsWith('CheckPrime')))
})

test('a confined container exports spans and metrics as protobuf over HTTP', async () => {
  await using sink = await startHttpSink()
  await using replica = await startExporting({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.port}` })
  await checkPrime(replica.serving.addresses['grpc'])
  await replica.kill('SIGTERM')
  assert.equal(await replica.exited(), 0)
  assert.deepEqual([...sink.paths].toSorted(), ['/v1/metrics', '/v1/traces'])
})

test('a confined container exports spans and metrics by gRPC', async () => {
  await using sink = await startGrpcSink()
  await using replica = await startExporting({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${sink.port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  })
  await checkPrime(replica.serving.addresses['grpc'])
  await replica.kill('SIGTERM')
  assert.equal(await replica.exited(), 0)
  assert.deepEqual([...sink.paths].toSorted(), [
    '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  ])
})

test('a container that may use half a CPU has one worker', async () => {
  await using replica = await startReplicaContainer('primes', { cpus: 0.5 })
  assert.equal(replica.serving.workers, 1)
})

test('at SIGTERM a container finishes what runs and ends with exit code 0', async () => {
  await using replica = await startReplicaContainer('hold', {
    args: ['--workers=2', '--drain-delay-ms=0'],
    ports: [50051],
  })
  using client = holdClient(replica.address(50051))
  assert.equal((await holdFor(client, 0)).code, status.OK)
  const running = holdFor(client, 700)
  assert.equal((await holdFor(client, 0)).code, status.OK)
  await replica.kill('SIGTERM')
  assert.equal((await running).code, status.OK)
  assert.equal(await replica.exited(), 0)
})

test('a setting that is wrong ends the container with exit code 2 and its name', async () => {
  await assert.rejects(startReplicaContainer('primes', { args: ['--workers=none'] }), /--workers="none": must be/)
})

/** On the network of this machine, where collectors listen on loopback only. */
function startExporting(environment: Record<string, string>) {
  const args = ['--host=127.0.0.1', '--port=0', '--health-port=0', '--metrics-port=off', '--drain-delay-ms=0']
  return startReplicaContainer('primes', { network: 'host', args, environment })
}

async function checkPrime(address = ''): Promise<void> {
  using client = connect(PrimesServiceClient, address)
  assert.equal((await callUnary(client, PrimesServiceService.checkPrime, { request: { number } })).code, status.OK)
}
