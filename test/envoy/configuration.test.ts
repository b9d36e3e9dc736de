import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { startEnvoy, validateEnvoyConfig } from '../../deploy/local/envoy-process.ts'
import { chartFiles } from '../../envoy/chart-files.ts'
import { envoyConfig, type EnvoyConfigOptions } from '../../envoy/config.ts'
import { writeEndpoints } from '../../envoy/endpoints.ts'
import { callerTransport, replicaTransport } from '../../envoy/tls.ts'
import { startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { changeConfig, envoyBinary, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { evaluateTemplate } from '../support/evaluate-template.ts'
import { eventually } from '../support/eventually.ts'
import { watchedTls } from '../support/watched-tls.ts'

const run = promisify(execFile)

const variants: EnvoyConfigOptions[] = [
  {},
  { idempotent: true },
  { balancing: 'round_robin' },
  { balancing: 'least_request_two_choices' },
  { balancing: 'least_request_full_scan' },
  { tcpListener: { port: 8082 } },
  { accessLog: false },
  { allowedOrigins: ['https://app.example'] },
  { listenHost: '127.0.0.1', grpcPort: 1, readyPort: 2, adminPort: 3 },
  { endpointsPath: 'endpoints.yaml' },
  { node: { id: 'edge-1', zone: 'a' }, service: 'primes' },
  { controlPlane: { host: '127.0.0.1', port: 18_000, protocol: 'GRPC' } },
  { dns: { host: 'replicas.', port: 50051, refreshSeconds: 2 } },
  { healthService: 'primes', maxConnectionSeconds: 1, maxConnections: 2, maxRequests: 3, retryConcurrency: 4 },
  { maxMessageBytes: 2 ** 20, maxHeapBytes: 2 ** 28, responseHeaders: { 'evenkeel-endpoint': '%UPSTREAM_HOST%' } },
]

for (const variant of variants) {
  test(`Envoy takes the configuration with ${JSON.stringify(variant)} without a warning`, needsEnvoy, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'envoy-validate-'))
    const endpointsPath = join(folder, 'endpoints.yaml')
    await writeEndpoints(endpointsPath, [{ address: '127.0.0.1', port: 50051 }])
    try {
      const place = variant.endpointsPath === undefined ? variant : { ...variant, endpointsPath }
      const { warnings } = await validateEnvoyConfig(envoyBinary(), envoyConfig(place))
      assert.deepEqual(warnings, [])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
}

for (const name of ['envoy-xds.yaml', 'envoy-dns.yaml']) {
  test(
    `Envoy takes ${name} of the chart with the values of envoy.yaml, and with TLS, without a warning`,
    needsEnvoy,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'envoy-validate-'))
      const { 'envoy-defaults.yaml': defaults = '', [name]: file = '' } = chartFiles()
      try {
        const tls = await watchedTls(join(folder, 'tls'), ['replicas.example'])
        const withTls = { caller_transport: callerTransport(tls), replica_transport: replicaTransport(tls) }
        for (const values of [parse(defaults), { ...parse(defaults), ...withTls }]) {
          assert.deepEqual(await validateEnvoyConfig(envoyBinary(), evaluateTemplate(file, values)), { warnings: [] })
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )
}

test('a configuration that Envoy refuses is refused with its words', needsEnvoy, async () => {
  const wrong = changeConfig(envoyConfig(), [{ in: 'cluster', at: 'connect_timeout', to: 'soon' }])
  await assert.rejects(validateEnvoyConfig(envoyBinary(), wrong), /refuses the configuration: .*connect_timeout/s)
})

test('each call is one line of JSON in the access log', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(2)
  await eventually(() => assert.equal(envoy.accessLog.length, 2))
  const { path, status, pod, replica, attempts } = JSON.parse(envoy.accessLog[0] ?? '')
  assert.deepEqual(
    { path, status, pod, replica, attempts },
    {
      path: '/test.v1.BackendService/Echo',
      status: 'OK',
      pod: 'backend',
      replica: `127.0.0.1:${backend.endpoint.port}`,
      attempts: 1,
    },
  )
})

test('the access log can be turned off', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], config: { accessLog: false } })
  using caller = openCaller(envoy.target)
  await caller.callInTurn(2)
  await fetch(`${envoy.adminUrl}/reopen_logs`, { method: 'POST' }) // flushes what there is
  await envoy[Symbol.asyncDispose]()
  assert.deepEqual(envoy.accessLog, [])
})

test('the ready port shows readiness and metrics, and nothing else of the admin interface', needsEnvoy, async () => {
  await using backend = await startBackend('backend')
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  assert.equal(await textOf(`${envoy.readyUrl}/ready`), 'LIVE\n')
  assert.match(await textOf(`${envoy.readyUrl}/stats/prometheus`), /^envoy_cluster_endpoint_rq_total\{/m)
  for (const path of [
    '/',
    '/stats',
    '/config_dump',
    '/quitquitquit',
    '/ready/../quitquitquit',
    '/ready%2f..%2fstats',
  ]) {
    const { status } = await fetch(`${envoy.readyUrl}${path}`, { method: 'POST' })
    assert.ok(status === 404 || status === 400, `${path}: ${status}`)
  }
})

test('the ready port says so when Envoy is taken out by its admin', needsEnvoy, async () => {
  await using envoy = await startTestEnvoy({ endpoints: [] })
  await fetch(`${envoy.adminUrl}/healthcheck/fail`, { method: 'POST' })
  const { status } = await fetch(`${envoy.readyUrl}/ready`)
  assert.equal(status, 503)
})

test('a second Envoy on the same ports is not started', needsEnvoy, async () => {
  await using envoy = await startTestEnvoy({ endpoints: [] })
  const port = envoy.target.split(':')[1] ?? ''
  const second = startEnvoy({ binary: envoyBinary(), configText: envoy.configText })
  await assert.rejects(second, { message: new RegExp(`^port ${port} on 127\\.0\\.0\\.1 is taken; `) })
})

test('a second Envoy that is started past that check fails, for ports are not shared', needsEnvoy, async () => {
  await using envoy = await startTestEnvoy({ endpoints: [] })
  const addresses = ['admin', 'static_resources/listeners/1', 'static_resources/listeners/2']
  const anyPorts = addresses.map(
    (at) => ({ in: 'bootstrap', at: `${at}/address/socket_address/port_value`, to: 0 }) as const,
  )
  const folder = await mkdtemp(join(tmpdir(), 'second-envoy-'))
  const path = join(folder, 'envoy.yaml')
  await writeFile(path, changeConfig(envoy.configText, anyPorts))
  const [file = '', ...prefix] = envoyBinary().command
  const second = run(file, [...prefix, '--config-path', path, '--disable-hot-restart'], { timeout: 10_000 })
  await assert.rejects(second, { code: 1, stderr: /cannot bind '127\.0\.0\.1:\d+': Address already in use/ })
  await rm(folder, { recursive: true })
})

test('disposing Envoy leaves no process', needsEnvoy, async () => {
  const envoy = await startTestEnvoy({ endpoints: [] })
  assert.doesNotThrow(() => process.kill(envoy.pid, 0))
  await envoy[Symbol.asyncDispose]()
  assert.throws(() => process.kill(envoy.pid, 0), { code: 'ESRCH' })
})

test('an Envoy that hangs is killed when it is disposed', needsEnvoy, async () => {
  const envoy = await startTestEnvoy({ endpoints: [], stopTimeoutMs: 100 })
  process.kill(envoy.pid, 'SIGSTOP')
  await envoy[Symbol.asyncDispose]()
  assert.throws(() => process.kill(envoy.pid, 0), { code: 'ESRCH' })
})

test('an Envoy that ends while it starts is an error with its last words', needsEnvoy, async () => {
  const nowhere = envoyConfig({
    endpointsPath: '/no/such/folder/endpoints.yaml',
    grpcPort: 0,
    readyPort: 0,
    adminPort: 0,
  })
  const start = startEnvoy({ binary: envoyBinary(), configText: nowhere })
  await assert.rejects(start, /^Error: Envoy ended \(exit code 1\) before it was ready:\n.*no\/such\/folder/s)
})

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}
