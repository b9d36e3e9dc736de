import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials, type sendUnaryData, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js'
import { readConfig } from '../../chassis/config.ts'
import { drain } from '../../chassis/drain.ts'
import { trackInFlight } from '../../chassis/interceptors/in-flight.ts'
import { interceptWith } from '../../chassis/interceptors/intercept.ts'
import { Lifecycle } from '../../chassis/lifecycle.ts'
import { createHardenedServer } from '../../chassis/listen/hardened-server.ts'
import { closeNow } from '../../chassis/listen/leave.ts'
import type { RefusedConnection } from '../../chassis/listen/refused-connection.ts'
import { startTls, type Tls } from '../../chassis/listen/tls.ts'
import { callUnary } from '../support/call.ts'
import { makeCertificates, serverName } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { silentConnection } from '../support/raw-http2.ts'
import { connect } from '../support/service.ts'
import { textMethod } from '../support/text-method.ts'

const wait = textMethod('/test.v1.WaitingService/Wait', { requestStream: false, responseStream: false })

test('a call on a connection that was handed over is waited for, though nothing listens in the server', async () => {
  await using process = await startInjected()
  using client = connect(Client, process.address)
  await assertWaitedFor(process, client)
})

test('the same holds where such a connection speaks TLS', async () => {
  await using made = await makeCertificates()
  const authority = await made.authority('authority')
  const { certificate, privateKey } = await made.issue('server', authority)
  using tls = await startTls({ certificate, privateKey }, { fault: assert.fail })
  await using process = await startInjected({ tls })
  const secure = credentials.createSsl(await readFile(authority.certificate))
  const client = new Client(process.address, secure, { 'grpc.ssl_target_name_override': serverName })
  try {
    await assertWaitedFor(process, client)
  } finally {
    client.close()
  }
})

test('no call is lost while one of two processes drains whose connections are handed over, also such as come late', async () => {
  await using leaving = await startInjected()
  await using staying = await startInjected()
  using client = connect(Client, `ipv4:${leaving.address},${staying.address}`, {
    'grpc.enable_retries': 1,
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  })
  const calls: ReturnType<typeof callUnary<string, string>>[] = []
  using load = setInterval(() => calls.push(callUnary(client, wait, { request: '5', options: { timeoutMs: 5000 } })), 2)
  await eventually(() => assert.ok(leaving.answered > 50 && staying.answered > 50))
  // A call that holds the drain: meanwhile the callers come back, for who hands connections over knows of no drain.
  using patient = connect(Client, leaving.address)
  calls.push(callUnary(patient, wait, { request: '700' }))
  await eventually(() => assert.ok(leaving.longest === 700))
  const handedOver = leaving.peers.length
  const { cutCalls } = await leaving.drain()
  assert.equal(cutCalls, 0)
  const late = new Set(leaving.peers.slice(handedOver))
  assert.ok(late.size > 0)
  assert.equal(
    leaving.served.some((peer) => late.has(peer)),
    false,
  )
  const { answered } = staying
  await eventually(() => assert.ok(staying.answered > answered + 50))
  clearInterval(load)
  const ended = await Promise.all(calls)
  assert.deepEqual(
    ended.filter(({ code }) => code !== status.OK).map(({ code, details }) => `${code} ${details}`),
    [],
  )
  assert.equal(leaving.answered + staying.answered, ended.length)
})

test('a call that never ends on such a connection is cut at the limit', async () => {
  await using process = await startInjected()
  using client = connect(Client, process.address)
  const running = callUnary(client, wait, { request: '20000' })
  await eventually(() => assert.equal(process.inFlight.count, 1))
  const { cutCalls, tookMs } = await process.drain(300)
  assert.equal(cutCalls, 1)
  assert.ok(tookMs >= 300)
  assert.equal((await running).code, status.UNAVAILABLE)
})

test('connections that are handed over have the same bound, which closes those above it and tells of them', async () => {
  await using process = await startInjected({ flags: ['--max-connections=2'] })
  using first = connect(Client, process.address)
  using second = connect(Client, process.address)
  for (const client of [first, second]) {
    assert.equal((await callUnary(client, wait, { request: '0' })).code, status.OK)
  }
  using third = await silentConnection(process.address)
  await third.closed
  assert.partialDeepStrictEqual(process.refused, [
    { reason: 'limit', problem: '2 connections are open, which is the bound' },
  ])
  assert.equal(process.hardened.sessions.size, 2)
  for (const client of [first, second]) {
    assert.equal((await callUnary(client, wait, { request: '0' })).code, status.OK)
  }
})

/** Makes a call, and has the process drain while it runs. */
async function assertWaitedFor(process: Awaited<ReturnType<typeof startInjected>>, client: Client): Promise<void> {
  const running = callUnary(client, wait, { request: '400' })
  await eventually(() => assert.equal(process.inFlight.count, 1))
  assert.equal(process.hardened.sessions.size, 1)
  const { cutCalls } = await process.drain()
  assert.equal(cutCalls, 0)
  assert.equal((await running).code, status.OK)
  assert.equal(process.hardened.sessions.size, 0)
}

/** A server that listens nowhere: every connection is handed to it, as a parent hands them to its children. */
async function startInjected({ tls, flags = [] }: { tls?: Tls; flags?: string[] } = {}) {
  const inFlight = trackInFlight(true)
  const config = readConfig({ argv: flags, env: {} })
  const interceptor = interceptWith([inFlight.interceptor], () => 'workload')
  const hardened = createHardenedServer(config, {
    interceptors: [interceptor],
    tls,
    refused: (connection) => refused.push(connection),
  })
  const refused: RefusedConnection[] = []
  let answered = 0
  let longest = 0
  const peers: string[] = []
  const served: string[] = []
  hardened.server.addService(
    { wait },
    {
      wait: (call: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) => {
        const { request } = call
        served.push(call.getPeer())
        longest = Math.max(longest, Number(request))
        void delay(Number(request), undefined, { ref: false }).then(() => {
          answered += 1
          answer(null, request)
        })
      },
    },
  )
  const injector = hardened.server.createConnectionInjector(tls?.credentials ?? ServerCredentials.createInsecure())
  const door = createServer((socket) => {
    peers.push(`${socket.remoteAddress}:${socket.remotePort}`)
    injector.injectConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const lifecycle = new Lifecycle()
  lifecycle.to('serving')
  return {
    address: `127.0.0.1:${(door.address() as AddressInfo).port}`,
    hardened,
    inFlight,
    refused,
    get answered() {
      return answered
    },
    get longest() {
      return longest
    },
    /** Of the connections so far, and of the calls that it took, each by its connection. */
    peers,
    served,
    drain: (timeoutMs = 5000) =>
      drain({
        lifecycle,
        hardened,
        inFlight,
        leaving: new AbortController(),
        delayMs: 0,
        timeoutMs,
        hurry: new AbortController().signal,
      }),
    [Symbol.asyncDispose]: async () => {
      closeNow(hardened)
      await once(door.close(), 'close')
    },
  }
}
