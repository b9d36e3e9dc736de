import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type ChannelSettings, channelOptions } from '../../client/channel.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import { hold } from '../../examples/hold/workload.ts'
import { attemptTimesMs, type Behaviour, echoPath, startBackend } from '../support/backend.ts'
import { openCaller } from '../support/caller.ts'
import { startService } from '../support/service.ts'

const refusal: Behaviour = { status: status.RESOURCE_EXHAUSTED, pushbackMs: 200 }

const callerOf = (port: number, settings: ChannelSettings = {}) => {
  const target = `127.0.0.1:${port}`
  return openCaller(target, {
    ...channelOptions(target, { idempotent: [echoPath.slice(1)], ...settings }),
    'grpc.enable_retries': 1,
  })
}

test('a refused call is made once more, after the time that the replica asks for and not before', async () => {
  await using backend = await startBackend('a', refusal)
  using caller = callerOf(backend.endpoint.port)
  const attempts = attemptTimesMs(backend)
  assert.equal((await caller.call()).code, status.RESOURCE_EXHAUSTED)
  const [first, second, ...more] = attempts as [number, number]
  assert.ok(second - first >= 200, `attempts at ${attempts.join(', ')} ms`)
  assert.deepEqual(more, [])
})

test('a refused call is answered when the replica has room again', async () => {
  await using backend = await startBackend('a', refusal)
  using caller = callerOf(backend.endpoint.port)
  backend.onChange(() => backend.behave({}))
  assert.deepEqual([(await caller.call()).code, backend.attempts], [status.OK, 2])
})

const asked: [string, Behaviour, ChannelSettings, number?][] = [
  ['the replica says never', { pushbackMs: -1 }, {}],
  ['the replica does not say when', { status: status.RESOURCE_EXHAUSTED }, {}],
  ['the caller wants it so', refusal, { repeatRefused: false }],
  ['its method was not named as idempotent', refusal, { idempotent: ['test.v1.BackendService/Other'] }],
  ['its time is up before', refusal, {}, 150],
]
for (const [when, behaviour, settings, deadlineMs] of asked) {
  test(`a refused call is not repeated when ${when}`, async () => {
    await using backend = await startBackend('a', { status: status.RESOURCE_EXHAUSTED, ...behaviour })
    using caller = callerOf(backend.endpoint.port, settings)
    const outcome = await caller.call(deadlineMs === undefined ? {} : { deadlineMs })
    assert.deepEqual([outcome.code, backend.attempts], [status.RESOURCE_EXHAUSTED, 1])
  })
}

test('when a replica refuses two calls of three, there are at most 1.2 attempts for each call', async () => {
  await using backend = await startBackend('a')
  using caller = callerOf(backend.endpoint.port)
  const calls = 300
  let seen = 0
  backend.onChange(() => {
    if (seen === backend.attempts) return
    seen = backend.attempts
    backend.behave(seen % 3 === 0 ? {} : { ...refusal, pushbackMs: 1 })
  })
  await caller.callInTurn(calls)
  assert.ok(backend.attempts <= 1.2 * calls, `${backend.attempts} attempts`)
})

/** Three times what one worker can do, by the load generator. */
async function overload(target: string, retries: 'policy' | 'transparent' | 'off') {
  const work = holdWork({ mix: { '10ms': 1 }, seed: 1, compute: false })
  let attempts = 0
  const onCallEnd = (call: { attempts: number }) => void (attempts += call.attempts)
  const { summary } = await runLoad({ target, work, rate: 300, seconds: 2, retries, onCallEnd })
  return { ...summary, attemptsPerCall: attempts / summary.sent }
}

test('at three times what a replica can do its callers make at most 1.2 attempts for each call', async () => {
  await using replica = await startService(hold, '--workers=1', '--queue-limit=4')
  const policy = await overload(replica.address, 'policy')
  assert.ok(policy.refused > policy.sent / 3, JSON.stringify(policy))
  assert.ok(policy.retried > 0 && policy.attemptsPerCall <= 1.2, JSON.stringify(policy))
  for (const retries of ['transparent', 'off'] as const) {
    const { retried, attemptsPerCall } = await overload(replica.address, retries)
    assert.deepEqual([retried, attemptsPerCall], [0, 1])
  }
})
