import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { channelOptions, type ChannelSettings } from '../../client/channel.ts'
import { type EnvoyProcess, startEnvoy } from '../../deploy/local/envoy-process.ts'
import { echoPath, startBackend } from '../support/backend.ts'
import { type Caller, openCaller } from '../support/caller.ts'
import { envoyBinary, needsEnvoy, startTestEnvoy, type TestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

const callerOf = (target: string, settings: ChannelSettings = {}): Caller =>
  openCaller(target, { ...channelOptions(target, settings), 'grpc.enable_retries': 1 })

test('one of two Envoys that is killed and comes back costs callers that repeat no call', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { delayMs: 10 })
  await using killed = await startTestEnvoy({ endpoints: [backend.endpoint] })
  await using other = await startTestEnvoy({ endpoints: [backend.endpoint] })
  await using owned = new AsyncDisposableStack()
  using caller = callerOf(`ipv4:${killed.target},${other.target}`, { idempotent: [echoPath.slice(1)] })
  const killAndStart = async () => {
    await eventually(async () => assert.ok((await killed.stat('http.grpc.downstream_rq_active')) > 0))
    process.kill(killed.pid, 'SIGKILL')
    const later = backend.attempts + 100
    await eventually(() => assert.ok(backend.attempts > later))
    owned.use(await startAgain(killed))
    await eventually(async () => assert.ok((await killed.stat('http.grpc.downstream_rq_completed')) > 20))
  }
  const outcomes = await caller.callUntil(killAndStart(), 8)
  assert.deepEqual(
    outcomes.filter(({ code }) => code !== status.OK).map(({ code, details }) => `${code} ${details}`),
    [],
  )
  assert.ok(outcomes.length >= 120)
})

test('the only Envoy takes with it the calls that it has, and callers find it again', needsEnvoy, async () => {
  await using backend = await startBackend('backend', { hold: true })
  await using envoy = await startTestEnvoy({ endpoints: [backend.endpoint] })
  await using owned = new AsyncDisposableStack()
  using caller = callerOf(envoy.target)
  const held = caller.callAtOnce(10)
  await eventually(() => assert.equal(backend.inFlight, 10))
  process.kill(envoy.pid, 'SIGKILL')
  const codes = (await held).map(({ code }) => code)
  assert.deepEqual(
    codes,
    Array.from({ length: 10 }, () => status.UNAVAILABLE),
  )
  // The replica does not go on with what nobody waits for.
  await eventually(() => assert.equal(backend.inFlight, 0))
  assert.equal((await caller.call()).code, status.UNAVAILABLE)
  backend.behave({})
  owned.use(await startAgain(envoy))
  await eventually(async () => assert.equal((await caller.call()).code, status.OK))
  assert.deepEqual(
    (await caller.callInTurn(20)).filter(({ code }) => code !== status.OK),
    [],
  )
})

/** Another process with the configuration and the ports of one that was killed. */
function startAgain({ configText }: TestEnvoy): Promise<EnvoyProcess> {
  return eventually(() => startEnvoy({ binary: envoyBinary(), configText, concurrency: 2 }))
}
