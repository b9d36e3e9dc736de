import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type Client, credentials, status } from '@grpc/grpc-js'
import { type LoadResult, runLoad } from '../../cli/spread/run-load.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import type { ServiceSite } from '../../cli/service-site.ts'
import { HealthClient } from '../../gen/health/v1/health.ts'
import { OpenRcaServiceClient } from '../../gen/xds/xds/service/orca/v3/orca.ts'
import { makeCertificates, serverName } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor, startHoldProcess } from '../support/hold.ts'
import type { ReplicaProcess } from '../support/replica-process.ts'
import { connect } from '../support/service.ts'

/** Calls a second to both replicas, each of which holds a worker for 5 ms. */
const rate = 300
const clean = { code: 0, signal: null }

test('with TLS no call is lost while one of two replicas drains', async () => {
  await using made = await makeCertificates()
  const authority = await made.authority('authority')
  const server = await made.issue('server', authority)
  const tls = [`--tls-certificate=${server.certificate}`, `--tls-private-key=${server.privateKey}`]
  await using pair = await startPair(tls)
  const security = {
    credentials: credentials.createSsl(await readFile(authority.certificate)),
    options: { 'grpc.ssl_target_name_override': serverName },
  }
  const { exit, load } = await drainOneOf(pair, { security })
  assert.deepEqual(exit, clean)
  assertNothingLost(load)
})

test('fifty watchers of health and fifty of load do not hold a drain, and no call is lost', async () => {
  await using pair = await startPair()
  using clients = new DisposableStack()
  const health = clients.use(connect(HealthClient, pair.leaving.address))
  const reports = clients.use(connect(OpenRcaServiceClient, pair.leaving.address))
  const ends = Array.from({ length: 50 }, () => [
    health.watch({ service: '' }),
    reports.streamCoreMetrics({ reportInterval: undefined, requestCostNames: [] }),
  ]).flat()
  const codes = ends.map(
    (stream) =>
      new Promise((resolve) => {
        stream.on('data', () => {}).on('error', () => {})
        stream.on('status', ({ code }: { code: number }) => resolve(code))
      }),
  )
  await Promise.all(ends.map((stream) => new Promise((resolve) => stream.once('data', resolve))))
  const { exit, load } = await drainOneOf(pair)
  assert.deepEqual(exit, clean)
  assertNothingLost(load)
  assert.deepEqual(new Set(await Promise.all(codes)), new Set([status.UNAVAILABLE]))
})

test('a drain under overload ends in time: what was taken is answered, all else is told RESOURCE_EXHAUSTED', async () => {
  await using pair = await startPair(['--workers=1', '--queue-limit=8'])
  // Two workers hold 20 ms each: a hundred calls a second are three times less than there are.
  const { exit, load } = await drainOneOf(pair, { job: '20ms' })
  assert.deepEqual(exit, clean)
  assert.deepEqual(Object.keys(load.summary.errorsByCode), ['RESOURCE_EXHAUSTED'])
  assert.ok(load.summary.refused > load.summary.ok)
  assert.equal(load.summary.ok + load.summary.refused, load.summary.sent)
})

test('second and third SIGTERM under load change nothing', async () => {
  await using pair = await startPair()
  const { exit, load } = await drainOneOf(pair, { signals: 3 })
  assert.deepEqual(exit, clean)
  assertNothingLost(load)
})

test('what a second SIGINT cuts is what callers see cut: those that ran, and those that waited', async () => {
  await using replica = await startHoldProcess('--workers=2', '--queue-limit=20', '--delay-target-ms=0')
  using client = holdClient(replica.address)
  const calls = await runningHolds(client, 12)
  process.kill(replica.pid, 'SIGINT')
  await eventually(() => assert.ok(replica.lines.some((line) => line.includes('"draining"'))))
  process.kill(replica.pid, 'SIGINT')
  const codes = (await Promise.all(calls)).map(({ code }) => code)
  assert.deepEqual(codes, Array<number>(12).fill(status.UNAVAILABLE))
  assert.deepEqual(await replica.exited, { code: 130, signal: null })
  assert.equal(drainedLine(replica).cutCalls, 12)
})

/** One replica that will leave and one that stays. */
interface Pair extends AsyncDisposable {
  leaving: ReplicaProcess
  staying: ReplicaProcess
}

async function startPair(settings: readonly string[] = []): Promise<Pair> {
  await using stack = new AsyncDisposableStack()
  const start = async () =>
    stack.use(await startHoldProcess('--workers=4', '--queue-limit=5000', '--drain-delay-ms=200', ...settings))
  const [leaving, staying] = [await start(), await start()]
  const owned = stack.move()
  return { leaving, staying, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Sends calls to both replicas on a schedule, and SIGTERM to one in the midst of it; it must be gone before the load ends. */
async function drainOneOf(
  { leaving, staying }: Pair,
  { job = '5ms', signals = 1, security }: { job?: string; signals?: number; security?: ServiceSite['security'] } = {},
) {
  let ended = 0
  let over = false
  const loading = runLoad({
    target: `ipv4:${leaving.address},${staying.address}`,
    security,
    work: holdWork({ mix: { [job]: 1 }, seed: 1, compute: false }),
    callerBalancing: 'round_robin',
    connections: 4,
    rate,
    seconds: 3,
    onCallEnd: () => {
      ended += 1
    },
  }).finally(() => {
    over = true
  })
  await eventually(() => assert.ok(ended > rate / 2))
  leaving.kill('SIGTERM')
  for (let sent = 1; sent < signals; sent += 1) {
    await eventually(() => assert.ok(leaving.lines.some((line) => line.includes('"draining"'))))
    leaving.kill('SIGTERM')
  }
  const exit = await leaving.exited
  assert.equal(over, false)
  const atExit = ended
  const load = await loading
  assert.ok(ended > atExit)
  return { exit, load }
}

/** A machine that stalls may have calls refused, which then were not begun. */
function assertNothingLost({ summary, firstDetailsByCode }: LoadResult): void {
  assert.equal(summary.lost, 0, JSON.stringify(firstDetailsByCode))
  assert.equal(summary.ok + summary.refused, rate * 3)
  assert.ok(summary.refused < rate)
}

/** Calls that hold all workers and wait behind each other, all of them taken by the replica. */
async function runningHolds(client: Client, count: number): Promise<ReturnType<typeof holdFor>[]> {
  await holdFor(client, 0)
  const calls = Array.from({ length: count }, () => holdFor(client, 20_000, { timeoutMs: 25_000 }))
  // Behind them on the same connection: when it is over they have arrived.
  assert.equal((await holdFor(client, 0, { timeoutMs: 100 })).code, status.DEADLINE_EXCEEDED)
  return calls
}

function drainedLine({ lines }: ReplicaProcess): { cutCalls: number; tookMs: number } {
  return JSON.parse(lines.find((line) => line.includes('"drained"')) ?? assert.fail(lines.join('\n')))
}
