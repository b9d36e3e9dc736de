import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { startBackend } from '../support/backend.ts'
import { lost, openCaller } from '../support/caller.ts'
import { needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { runProcess, type RunningProcess } from '../support/run-process.ts'

/** As Envoy runs in a pod, but that it stops listening after 2 s. */
const flags = ['--drain-time-s', '2', '--drain-strategy', 'immediate']

/** What grpc-js does unless it is told otherwise: it repeats what surely reached nobody. */
const transparent = { 'grpc.enable_retries': 1 }

/** Starts `evenkeel drain-envoy`, which waits for its signal when this resolves. */
async function startDrain(admin: string, ...args: string[]): Promise<RunningProcess> {
  const drain = runProcess('cli/main.ts', { args: ['drain-envoy', '--admin', admin, ...args] })
  await eventually(() => assert.match(drain.stderr, /^waiting for SIGTERM/m))
  return drain
}

const adminOf = ({ adminUrl }: TestEnvoy): string => new URL(adminUrl).host

test('an Envoy that is drained and ended under load costs no call, not even a long one', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { delayMs: 10 })
  await using stays = await startTestEnvoy({ endpoints: [backend.endpoint] })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint], flags })
  await using drain = await startDrain(adminOf(envoy))
  // As through a Service: who is sent away comes back until nothing listens there any more.
  const target = `ipv4:${envoy.target},${stays.target}`
  using callers = new DisposableStack()
  const opened = Array.from({ length: 4 }, () => callers.use(openCaller(target, transparent)))
  const end = Promise.withResolvers<void>()
  const load = Promise.all(opened.map((caller) => caller.callUntil(end.promise, 2)))
  await eventually(() => assert.ok(backend.attempts > 50))
  backend.behave({ delayMs: 2500 })
  const before = backend.attempts
  using patient = openCaller(envoy.target, transparent)
  const longCall = patient.call()
  await eventually(() => assert.ok(backend.attempts > before))
  backend.behave({ delayMs: 10 })

  drain.child.kill('SIGTERM')
  const [{ code }, longOutcome] = await Promise.all([drain.exited, longCall])
  assert.equal(code, 0)
  assert.equal(longOutcome.code, status.OK)
  await envoy[Symbol.asyncDispose]()
  const later = backend.attempts + 50
  await eventually(() => assert.ok(backend.attempts > later))
  end.resolve()
  const outcomes = (await load).flat()
  assert.deepEqual(lost(outcomes), [])
})

test('a caller that does not leave is waited for until the timeout, and counted', needsEnvoy, async () => {
  await using parts = await startWithHeldCall()
  await using drain = await startDrain(parts.admin, '--timeout-ms', '600')
  drain.child.kill('SIGINT')
  const { code } = await drain.exited
  assert.equal(code, 1)
  assert.match(drain.stderr, /^error: not drained after 600 ms; connections left: 1$/m)
})

test('a second SIGTERM ends a drain at once', needsEnvoy, async () => {
  await using parts = await startWithHeldCall()
  await using drain = await startDrain(parts.admin)
  drain.child.kill('SIGTERM')
  await eventually(() => assert.match(drain.stderr, /^draining, connections: 1$/m))
  drain.child.kill('SIGTERM')
  const { code } = await drain.exited
  assert.equal(code, 143)
  assert.match(drain.stderr, /^error: not drained when a second signal came; connections left: 1$/m)
})

/** An Envoy with one caller, whose call is not answered. */
async function startWithHeldCall(): Promise<AsyncDisposable & { admin: string }> {
  await using stack = new AsyncDisposableStack()
  const backend = stack.use(await startBackend('backend', { hold: true }))
  const envoy = stack.use(await startTestEnvoy({ endpoints: [backend.endpoint], flags }))
  const caller = stack.use(openCaller(envoy.target))
  void caller.call()
  await eventually(() => assert.equal(backend.inFlight, 1))
  const owned = stack.move()
  return { admin: adminOf(envoy), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
