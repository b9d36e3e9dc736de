import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, status } from '@grpc/grpc-js'
import type { Service } from '../../chassis/serve.ts'
import { hold } from '../../examples/hold/workload.ts'
import type { HoldResponse } from '../../gen/evenkeel/hold/v1/hold.ts'
import type { Outcome } from '../support/call.ts'
import { type Change, needsEnvoy, startTestEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { rawCall, rawConnection, rawStream } from '../support/raw-http2.ts'
import { startService } from '../support/service.ts'

/** Longer than a test may take: a worker that goes on with such a call is missing for the rest of it. */
const endlessMs = 30_000

test('calls that are cancelled free their workers, and bystanders lose none', needsEnvoy, async () => {
  await using replica = await startService(hold, '--workers=2', '--metrics-port=0')
  await using envoy = await startTestEnvoy({ endpoints: [endpointOf(replica)] })
  using fickle = holdClient(envoy.target)
  using bystander = holdClient(envoy.target)
  const done = new AbortController()
  const bystanding = callUntil(bystander, done.signal)
  const cancelled: Outcome<HoldResponse>[] = []
  const finished: Outcome<HoldResponse>[] = []
  for (let turn = 0; turn < 40; turn += 1) {
    const leave = new AbortController()
    const long = holdFor(fickle, endlessMs, { signal: leave.signal })
    // Sent after the long one over the same connections: once it is answered, a worker has had the other.
    finished.push(await holdFor(fickle, 1))
    leave.abort()
    cancelled.push(await long)
  }
  done.abort()
  const others = await bystanding
  assert.deepEqual(codesOf(cancelled), new Set([status.CANCELLED]))
  assert.deepEqual(codesOf([...finished, ...others]), new Set([status.OK]))
  const expected = { OK: finished.length + others.length, CANCELLED: cancelled.length }
  await eventually(async () => assert.deepEqual(await endedCalls(replica), expected))
  for (const name of ['evenkeel_workers_busy', 'evenkeel_calls_in_flight']) {
    await eventually(async () => assert.equal(await metric(replica, name), 0))
  }
})

test(
  'callers that ignore pushback are refused once for each call, and no call is lost to them',
  needsEnvoy,
  async () => {
    await using replica = await startService(hold, '--workers=1', '--queue-limit=4', '--metrics-port=0')
    await using envoy = await startTestEnvoy({ endpoints: [endpointOf(replica)] })
    using greedy = holdClient(envoy.target)
    using other = holdClient(envoy.target)
    const done = new AbortController()
    const hammering = Promise.all(Array.from({ length: 20 }, () => callUntil(greedy, done.signal, 5)))
    const answered: Outcome<HoldResponse>[] = []
    const refused: Outcome<HoldResponse>[] = []
    while (answered.length < 10) {
      const outcome = await holdFor(other, 5)
      ;(outcome.code === status.OK ? answered : refused).push(outcome)
    }
    done.abort()
    const all = [...(await hammering).flat(), ...answered, ...refused]
    const turnedAway = all.filter(({ code }) => code !== status.OK)
    assert.deepEqual(codesOf(turnedAway), new Set([status.RESOURCE_EXHAUSTED]))
    assert.ok(turnedAway.every(({ trailers }) => Number(trailers.get('grpc-retry-pushback-ms')[0]) > 0))
    // Neither Envoy nor a client has repeated one.
    const expected = { OK: all.length - turnedAway.length, RESOURCE_EXHAUSTED: turnedAway.length }
    await eventually(async () => assert.deepEqual(await endedCalls(replica), expected))
  },
)

async function callUntil(client: Client, done: AbortSignal, milliseconds = 1): Promise<Outcome<HoldResponse>[]> {
  const outcomes: Outcome<HoldResponse>[] = []
  while (!done.aborted) outcomes.push(await holdFor(client, milliseconds))
  return outcomes
}

const endpointOf = ({ ports }: Service): { address: string; port: number } => ({
  address: '127.0.0.1',
  port: ports.grpc,
})

const codesOf = (outcomes: readonly Outcome<HoldResponse>[]): Set<number> => new Set(outcomes.map(({ code }) => code))

/** Calls of the workload that have ended, by status, as the replica counts them. */
async function endedCalls(replica: Service): Promise<Record<string, number>> {
  const samples = (await metricsOf(replica)).matchAll(/^grpc_server_call_duration_count\{(.*)\} (\d+)/gm)
  const held = [...samples].filter(([, labels = '']) => labels.includes('Hold'))
  return Object.fromEntries(
    held.map(([, labels = '', count]) => [/grpc_status="(\w+)"/.exec(labels)?.[1], Number(count)]),
  )
}

async function metric(replica: Service, name: string): Promise<number> {
  const [, value] = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(await metricsOf(replica)) ?? []
  return Number(value)
}

async function metricsOf({ ports }: Service): Promise<string> {
  return (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text()
}

/** What Envoy answers by itself, so that nothing but Envoy is between two callers. */
const answered: Change = {
  in: 'host',
  at: 'routes/0',
  to: { match: { prefix: '/' }, direct_response: { status: 200 } },
}

test('five hundred calls that come at once do not all go before one of another connection', needsEnvoy, async () => {
  await using envoy = await startTestEnvoy({ endpoints: [], concurrency: 1, changes: [answered] })
  using many = await rawConnection(envoy.target)
  using other = await rawConnection(envoy.target)
  many.setMaxListeners(0)
  let overtaking = 0
  for (let round = 0; round < 10; round += 1) {
    const burst = Array.from({ length: 500 }, () => rawStream(many, { path: '/many' }))
    for (const stream of burst) stream.end()
    const all = Promise.all(burst.map(({ answer }) => answer)).then(() => 'all of the burst')
    await Promise.race(burst.map(({ answer }) => answer))
    const one = rawCall(other, { path: '/one' }).then(() => 'the other call')
    if ((await Promise.race([one, all])) === 'the other call') overtaking += 1
    await Promise.all([one, all])
  }
  // Without http.max_requests_per_io_cycle it comes after all of them, but in one round of twenty.
  assert.ok(overtaking >= 3, `in ${overtaking} of 10 rounds`)
})
