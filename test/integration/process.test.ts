import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { serviceOptions } from '../../chassis/config.ts'
import { flagOf } from '../../chassis/options.ts'
import { HealthClient } from '../../gen/health/v1/health.ts'
import { PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { frame, rawCall, rawConnection } from '../support/raw-http2.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { type RunningProcess, runProcess } from '../support/run-process.ts'
import { connect } from '../support/service.ts'

const service = 'service/main.ts'
const hold = 'examples/hold/main.ts'
const freePorts = ['--port=0', '--health-port=0', '--metrics-port=off', '--workers=1']

test('--help names every option and exits with 0', async () => {
  await using run = runProcess(service, { args: ['--help', '--port=none'] })
  assert.deepEqual(await run.exited, { code: 0, signal: null })
  const missing = Object.keys(serviceOptions).filter((name) => !run.stdout.includes(`${flagOf(name)} `))
  assert.deepEqual(missing, [])
  assert.equal(run.stderr, '')
})

test('every problem of the configuration is listed at once, and the exit code is 2', async () => {
  await using run = runProcess(service, {
    args: ['--port=70000', '--colour=red', 'stray'],
    env: { EVENKEEL_WORKERS: 'many', EVENKEEL_QUEUE_LIMITT: '5' },
  })
  assert.deepEqual(await run.exited, { code: 2, signal: null })
  const named = ['--port="70000"', '--colour', 'stray', 'EVENKEEL_WORKERS="many"', 'EVENKEEL_QUEUE_LIMITT']
  assert.deepEqual(
    named.filter((name) => !run.stderr.includes(name)),
    [],
  )
  assert.equal(run.stdout, '')
})

for (const flag of ['--port', '--health-port', '--metrics-port']) {
  test(`a ${flag} that is taken is named, with what to do, and the exit code is 1`, async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await using run = runProcess(service, { args: [...freePorts, `${flag}=${port}`] })
    const exit = await run.exited
    other.close()
    assert.deepEqual(exit, { code: 1, signal: null })
    assert.match(run.stderr, new RegExp(`127\\.0\\.0\\.1:${port}`))
    assert.match(run.stderr, /choose another port/)
    assert.doesNotMatch(run.stderr, /\n {4}at /)
  })
}

test('variables that Kubernetes makes of Services change nothing', async () => {
  await using run = runProcess(service, {
    args: ['--health-port=0', '--metrics-port=off', '--workers=1', '--drain-delay-ms=0'],
    env: {
      EVENKEEL_PORT: 'tcp://10.0.0.1:50051',
      EVENKEEL_PORT_50051_TCP: 'tcp://10.0.0.1:50051',
      EVENKEEL_SERVICE_HOST: '10.0.0.1',
      EVENKEEL_SERVICE_PORT_GRPC: '50051',
      EVENKEEL_LOG_LEVEL: 'info',
    },
  })
  await serving(run)
  assert.match(run.stdout, /"grpc":"127\.0\.0\.1:50051"/)
  run.child.kill('SIGTERM')
  assert.deepEqual(await run.exited, { code: 0, signal: null })
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} at rest ends the process with 0, and every line that it wrote is JSON`, async () => {
    await using run = runProcess(service, { args: [...freePorts, '--drain-delay-ms=0'] })
    await serving(run)
    run.child.kill(signal)
    assert.deepEqual(await run.exited, { code: 0, signal: null })
    const messages = run.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg)
    assert.deepEqual(messages, ['serving', 'draining', 'stopped', 'drained'])
    assert.equal(run.stderr, '')
  })
}

test('SIGTERM while the replica starts ends it with 0 before it serves', async () => {
  await using run = runProcess(service, { args: freePorts })
  await eventually(() => assert.ok(hasWorker(run.child.pid as number)), { everyMs: 1 })
  run.child.kill('SIGTERM')
  assert.deepEqual(await run.exited, { code: 0, signal: null })
  assert.equal(run.stdout + run.stderr, '')
})

test('a second SIGINT ends what runs at once, with exit code 130', async () => {
  await using replica = await startReplicaProcess(hold, '--delay-target-ms=0')
  using client = holdClient(replica.address)
  const running = holdFor(client, 20_000, { timeoutMs: 25_000 })
  assert.equal((await holdFor(client, 0, { timeoutMs: 200 })).code, status.DEADLINE_EXCEEDED)
  process.kill(replica.pid, 'SIGINT')
  await eventually(() => assert.ok(replica.lines.some((line) => line.includes('"draining"'))))
  process.kill(replica.pid, 'SIGINT')
  assert.equal((await running).code, status.UNAVAILABLE)
  assert.deepEqual(await replica.exited, { code: 130, signal: null })
})

test('a replica whose parent is gone drains and ends', async () => {
  await using run = runProcess(service, { args: [...freePorts, '--drain-delay-ms=0'], ipc: true })
  await serving(run)
  run.child.disconnect()
  assert.deepEqual(await run.exited, { code: 0, signal: null })
  assert.match(run.stdout, /"msg":"drained"/)
})

test('an open Health.Watch does not hold the end of the process', async () => {
  await using replica = await startReplicaProcess(service)
  using health = connect(HealthClient, replica.address)
  const watch = health.watch({ service: '' })
  await once(watch, 'data')
  const ended = new Promise<{ code: number }>((resolve) => watch.on('error', resolve as never))
  replica.kill('SIGTERM')
  assert.deepEqual(await replica.exited, { code: 0, signal: null })
  assert.equal((await ended).code, status.UNAVAILABLE)
})

test('headers that gRPC forbids cost no line of log', async () => {
  await using replica = await startReplicaProcess(service)
  using session = await rawConnection(replica.address)
  for (let index = 0; index < 50; index += 1) {
    const headers = { 'x-name': 'caf\u00e9', 'b!d': 'forbidden' }
    const { path } = PrimesServiceService.checkPrime
    const answer = await rawCall(session, { path, body: frame(Buffer.from('\n\u000297')), headers })
    assert.equal(answer.headers['grpc-status'], '0')
  }
  replica.kill('SIGTERM')
  await replica.exited
  const messages = replica.lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
  assert.deepEqual(messages, ['serving', 'draining', 'stopped', 'drained'])
})

/** Resolves when the log says that the replica serves. */
async function serving(run: RunningProcess): Promise<void> {
  await eventually(() => assert.match(run.stdout, /"msg":"serving"/))
}

/** Whether a process has begun to start its workers, which comes after it listens for signals. */
function hasWorker(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.some((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').startsWith('worker-'))
}
