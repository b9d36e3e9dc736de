import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, credentials, status } from '@grpc/grpc-js'
import { callUnary } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { FailingService, failingWorkload } from '../support/failing-workload.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { startService } from '../support/service.ts'

const { inTask } = FailingService

test('a drain waits for tasks behind a worker that dies: its own call is told, all others run on the next worker', async () => {
  await using service = await startService(failingWorkload, '--workers=1', '--delay-target-ms=0')
  using client = clientOf(service.address)
  const first = callUnary(client, inTask, { request: 'wait' })
  const dying = callUnary(client, inTask, { request: 'exit' })
  const others = Array.from({ length: 8 }, (_, index) => callUnary(client, inTask, { request: `${index}` }))
  await eventually(() => assert.equal(service.pool.inFlight, 10))
  const drained = service.drain()
  assert.equal((await first).code, status.OK)
  assert.equal((await dying).code, status.INTERNAL)
  const answers = await Promise.all(others)
  assert.deepEqual(
    answers.map(({ response }) => response),
    others.map((_, index) => `${index}`),
  )
  assert.equal((await drained).cutCalls, 0)
})

test('a process whose workers die one after the other ends by itself when its calls are done', async () => {
  await using replica = await startReplicaProcess('test/support/failing-main.ts', '--workers=2', '--delay-target-ms=0')
  using client = clientOf(replica.address)
  const requests = Array.from({ length: 24 }, (_, index) => (index % 3 === 0 ? 'exit' : `${index}`))
  const calls = requests.map((request) => callUnary(client, inTask, { request }))
  // The first worker has died, the others still have to.
  assert.equal((await (calls[0] ?? assert.fail())).code, status.INTERNAL)
  replica.kill('SIGTERM')
  const codes = (await Promise.all(calls)).map(({ code }) => code)
  assert.deepEqual(
    codes,
    requests.map((request) => (request === 'exit' ? status.INTERNAL : status.OK)),
  )
  assert.deepEqual(await replica.exited, { code: 0, signal: null })
})

function clientOf(address: string): Client & Disposable {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  })
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}
