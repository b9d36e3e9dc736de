import assert from 'node:assert/strict'
import { getDiffieHellman } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Client, type StatusObject, status } from '@grpc/grpc-js'
import { PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { FailingService, failingWorkload, secret } from '../support/failing-workload.ts'
import { frame, rawCall, rawConnection } from '../support/raw-http2.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { connect, startService } from '../support/service.ts'
import { callClientStream } from '../support/text-method.ts'

const { inHandler, inTask, inList, join } = FailingService
const neutral = 'internal error; its cause is in the log of the replica'

test('what a handler or a task throws is logged as an error, and no caller sees any of it', async () => {
  await using replica = await startReplicaProcess('test/support/failing-main.ts')
  using client = connect(Client, replica.address)
  const ways = ['error', 'text', 'circle', 'nested']
  for (const request of ways) {
    for (const method of [inHandler, inTask]) {
      const { code, details, trailers } = await callUnary(client, method, { request })
      assert.equal(code, status.INTERNAL, request)
      assert.equal(details, neutral)
      assert.ok(!JSON.stringify(trailers.toJSON()).includes(secret))
    }
  }
  replica.kill('SIGTERM')
  await replica.exited
  const errors = replica.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error')
  assert.equal(errors.length, 2 * ways.length)
  assert.deepEqual(
    errors.filter((line) => !JSON.stringify(line.err).includes(secret)),
    [],
  )
})

for (const [title, method, request] of [
  ['nothing at all that a handler throws', inHandler, 'nothing'],
  ['nothing at all that a task throws', inTask, 'nothing'],
  ['an output that cannot leave its thread', inTask, 'uncloneable'],
] as const) {
  test(`${title} is INTERNAL, and the next call is answered`, async () => {
    await using service = await startService(failingWorkload, '--workers=1')
    using client = connect(Client, service.address)
    const { code, details } = await callUnary(client, method, { request })
    assert.deepEqual([code, details], [status.INTERNAL, neutral])
    assert.equal((await callUnary(client, method, { request: 'well' })).response, 'well')
  })
}

test('a message with half a surrogate pair and a great length arrives short and well formed', async () => {
  await using service = await startService(failingWorkload)
  using client = connect(Client, service.address)
  for (const method of [inHandler, inTask]) {
    const { code, details } = await callUnary(client, method, { request: 'surrogate' })
    assert.equal(code, status.INVALID_ARGUMENT)
    assert.match(details, /^half of a pair: \ufffd and \u{1f600}/u)
    assert.ok(details.isWellFormed() && details.length < 600, `${details.length} characters`)
  }
})

test('a list that fails after its first message ends with INTERNAL, and shows nothing of the cause', async () => {
  await using service = await startService(failingWorkload)
  using client = connect(Client, service.address)
  const call = client.makeServerStreamRequest(inList.path, inList.requestSerialize, inList.responseDeserialize, 'error')
  const received: string[] = []
  call.on('data', (text: string) => received.push(text)).on('error', () => {})
  const { code, details } = await new Promise<StatusObject>((resolve) => call.on('status', resolve))
  assert.deepEqual(received, ['first'])
  assert.deepEqual([code, details], [status.INTERNAL, neutral])
})

test('a thread that dies ends its own call with INTERNAL and no other', async () => {
  await using service = await startService(failingWorkload, '--workers=2')
  using client = connect(Client, service.address)
  const bystander = callUnary(client, inTask, { request: 'wait' })
  await eventually(() => assert.equal(service.pool.busy, 1))
  const lost = await callUnary(client, inTask, { request: 'exit' })
  assert.equal(lost.code, status.INTERNAL)
  assert.match(lost.details, /^worker \d died while it had this call, and was replaced/)
  assert.equal((await bystander).response, 'wait')
  assert.equal((await callUnary(client, inTask, { request: 'well' })).response, 'well')
})

test('a method with a stream of requests and one response is served', async () => {
  await using service = await startService(failingWorkload)
  using client = connect(Client, service.address)
  assert.equal((await callClientStream(client, join, [])).response, '')
  const many = Array.from({ length: 1000 }, (_, index) => `number ${index}`)
  assert.equal((await callClientStream(client, join, many)).response, many.join(' '))
  assert.equal((await callClientStream(client, join, ['a', 'break', 'b', 'c'])).response, 'a break')
  const failed = await callClientStream(client, join, ['a', 'error', 'b'])
  assert.deepEqual([failed.code, failed.details, failed.response], [status.INTERNAL, neutral, undefined])
})

test('methods that callers make up share one label in the metrics', async () => {
  await using service = await startService(primes, '--metrics-port=0')
  using session = await rawConnection(service.address)
  for (let index = 0; index < 20; index += 1) {
    const { headers } = await rawCall(session, { path: `/grpc.made.up${index}/Method`, body: frame(Buffer.alloc(0)) })
    assert.equal(headers['grpc-status'], String(status.UNIMPLEMENTED))
  }
  const metrics = await (await fetch(`http://127.0.0.1:${service.ports.metrics}/metrics`)).text()
  assert.match(metrics, /grpc_method="other"/)
  assert.doesNotMatch(metrics, /made.up/)
})

test('checks that cannot be stopped keep no more threads than there are workers, and the next call is answered', async () => {
  const hugePrime = String(BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`))
  await using service = await startService(primes, '--workers=2', '--delay-target-ms=0')
  using client = connect(PrimesServiceClient, service.address)
  const { checkPrime } = PrimesServiceService
  let mostThreads = 0
  for (let round = 0; round < 25; round += 1) {
    const calls = [1, 2].map(() =>
      callUnary(client, checkPrime, { request: { number: hugePrime }, options: { timeoutMs: 50 } }),
    )
    const codes = (await Promise.all(calls)).map(({ code }) => code)
    assert.deepEqual(codes, [status.DEADLINE_EXCEEDED, status.DEADLINE_EXCEEDED])
    mostThreads = Math.max(mostThreads, await countWorkerThreads())
  }
  assert.ok(mostThreads > 2 && mostThreads <= 4, `${mostThreads} threads`)
  const next = await callUnary(client, checkPrime, { request: { number: String(2n ** 127n - 1n) } })
  assert.equal(next.code, status.OK)
  await eventually(async () => assert.equal(await countWorkerThreads(), 2))
})

/** Threads of this process that are workers of a pool. */
async function countWorkerThreads(): Promise<number> {
  const threads = await readdir('/proc/self/task')
  const names = await Promise.all(threads.map((id) => readFile(`/proc/self/task/${id}/comm`, 'utf8').catch(() => '')))
  return names.filter((name) => name.startsWith('worker-')).length
}

test('an answer that a handler promises by a promise of another library is waited for', async () => {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what such a promise is
  const promised = { then: (keep: (text: string) => void) => setImmediate(() => keep('kept')) }
  const handlers = { ...failingWorkload.handlers, inHandler: () => promised as never }
  await using service = await startService({ ...failingWorkload, handlers })
  using client = connect(Client, service.address)
  const outcome = await callUnary(client, inHandler, { request: 'nothing' })
  assert.equal(outcome.response, 'kept')
})
