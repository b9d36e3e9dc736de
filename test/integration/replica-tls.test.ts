import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { Client, credentials, status } from '@grpc/grpc-js'
import { openChannel } from '../../client/channel.ts'
import { hold } from '../../examples/hold/workload.ts'
import { HoldRequest, HoldServiceClient, HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { HealthService } from '../../gen/health/v1/health.ts'
import { callUnary } from '../support/call.ts'
import {
  type CertificateFiles,
  type Certificates,
  makeCertificates,
  pemsOf,
  renew,
  serverName,
} from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { startExportingReplica } from '../support/exporting-replica.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { frame, opening, rawCall, rawConnection, silentConnection } from '../support/raw-http2.ts'
import { startReplicaProcess } from '../support/replica-process.ts'
import { connect, startService } from '../support/service.ts'

let made: Certificates
let ours: CertificateFiles
let theirs: CertificateFiles
let server: CertificateFiles
/** Settings of a replica that speaks TLS; that asks for certificates; for one of a name. */
let plainTls: string[]
let mutualTls: string[]
const name = 'envoy.example'

before(async () => {
  made = await makeCertificates()
  ours = await made.authority('ours')
  theirs = await made.authority('theirs')
  server = await made.issue('server', ours)
  plainTls = [`--tls-certificate=${server.certificate}`, `--tls-private-key=${server.privateKey}`]
  mutualTls = [...plainTls, `--tls-client-authorities=${ours.certificate}`]
})
after(() => made[Symbol.asyncDispose]())

const call = {
  path: HoldServiceService.hold.path,
  body: frame(Buffer.from(HoldRequest.encode({ milliseconds: 0, compute: false }).finish())),
}

/** A caller that trusts our authority, and shows a certificate if it has one. */
async function secureClient(address: string, caller?: CertificateFiles): Promise<HoldServiceClient & Disposable> {
  const own = caller && (await pemsOf(caller))
  const secure = credentials.createSsl(await readFile(ours.certificate), own?.key, own?.cert)
  const options = {
    'grpc.ssl_target_name_override': serverName,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  }
  const client = new HoldServiceClient(address, secure, options)
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}

/** The status of a call by such a caller. */
async function codeOf(address: string, caller?: CertificateFiles): Promise<number> {
  using client = await secureClient(address, caller)
  return (await holdFor(client, 0)).code
}

const rawTls = async (caller?: CertificateFiles) => ({
  ca: await readFile(ours.certificate),
  servername: serverName,
  ...(caller && (await pemsOf(caller))),
})

test('with a certificate callers connect by TLS, and not without it', async () => {
  await using service = await startService(hold, ...plainTls)
  assert.equal(await codeOf(service.address), status.OK)
  using plain = holdClient(service.address)
  assert.equal((await holdFor(plain, 0)).code, status.UNAVAILABLE)
})

test('the health port and the metrics port answer without TLS, for who asks there brings none', async () => {
  await using replica = await startExportingReplica({}, ...mutualTls, '--tls-client-names=nobody.example')
  assert.match(await replica.metrics(), /^evenkeel_lifecycle_state\{evenkeel_state="serving"\} 1$/m)
  await using service = await startService(hold, ...mutualTls)
  using probe = connect(Client, service.healthAddress)
  assert.equal((await callUnary(probe, HealthService.check, { request: { service: '' } })).response?.status, 1)
})

test('with authorities callers need a certificate of theirs', async () => {
  await using service = await startService(hold, ...mutualTls)
  const [known, stranger] = [await made.issue('known', ours), await made.issue('stranger', theirs)]
  assert.equal(await codeOf(service.address, known), status.OK)
  assert.equal(await codeOf(service.address, stranger), status.UNAVAILABLE)
  assert.equal(await codeOf(service.address), status.UNAVAILABLE)
})

for (const { what, has, admitted } of [
  { what: 'the DNS name', has: [`DNS:${name}`], admitted: true },
  { what: 'the name among others', has: ['DNS:a.example', `DNS:${name}`], admitted: true },
  { what: 'the URI', has: ['URI:spiffe://cluster/ns/a/sa/envoy'], admitted: true },
  { what: 'the address', has: ['IP:10.1.2.3'], admitted: true },
  { what: 'another name', has: ['DNS:other.example'], admitted: false },
  { what: 'a wildcard', has: ['DNS:*.example'], admitted: false },
  { what: 'the name as one of another kind', has: [`URI:${name}`, `email:a@${name}`], admitted: false },
  { what: 'the address as a name', has: ['DNS:10.1.2.3'], admitted: false },
  {
    what: 'a name that reads like several',
    has: [`URI:a://b, URI:spiffe://cluster/ns/a/sa/envoy, c`],
    admitted: false,
  },
  { what: 'a URI that begins with it', has: ['URI:spiffe://cluster/ns/a/sa/envoy/b'], admitted: false },
]) {
  test(`a certificate with ${what} is ${admitted ? 'admitted' : 'refused'} where callers need a name`, async () => {
    const names = `${name}, spiffe://cluster/ns/a/sa/envoy, 10.1.2.3`
    await using service = await startService(hold, ...mutualTls, `--tls-client-names=${names}`)
    const caller = await made.issue('caller', ours, ...has)
    assert.equal(await codeOf(service.address, caller), admitted ? status.OK : status.UNAVAILABLE)
  })
}

test('a caller without the name gets no call in, is logged with what it has, and counted', async () => {
  await using replica = await startExportingReplica({}, ...mutualTls, `--tls-client-names=${name}`)
  const other = await made.issue('other-name', ours, 'DNS:other.example')
  using session = await rawConnection(replica.address, await rawTls(other))
  // Sent at once: the handshake has ended for this side, before the replica has seen the certificate.
  const { headers } = await rawCall(session, call)
  assert.deepEqual(headers, {})
  const line = await eventually(() => {
    const found = replica.log().find(({ msg }) => msg === 'connection refused')
    assert.ok(found)
    return found
  })
  assert.deepEqual(
    [line['reason'], line['problem']],
    ['name', `its certificate has DNS:other.example, and none of ${name}`],
  )
  assert.match(String(line['peer']), /^127\.0\.0\.1:\d+$/)
  const metrics = await replica.metrics()
  assert.match(metrics, /^evenkeel_connections_refused_total\{evenkeel_reason="name"\} 1$/m)
  assert.match(metrics, /^evenkeel_connections 0$/m)
  assert.doesNotMatch(metrics, /^grpc_server_call_started_total/m)
})

test('who fails the handshake is logged and counted, and the replica goes on', async () => {
  await using replica = await startExportingReplica({}, ...mutualTls)
  using plain = await silentConnection(replica.address)
  await plain.closed
  assert.equal(await codeOf(replica.address, await made.issue('unknown', theirs)), status.UNAVAILABLE)
  await eventually(async () =>
    assert.match(await replica.metrics(), /^evenkeel_connections_refused_total\{evenkeel_reason="handshake"\} 2$/m),
  )
  const problems = replica.log().flatMap(({ msg, problem }) => (msg === 'connection refused' ? [String(problem)] : []))
  assert.equal(problems.length, 2)
  assert.match(problems[0] ?? '', /wrong version number/)
  assert.match(problems[1] ?? '', /UNABLE_TO_VERIFY_LEAF_SIGNATURE/)
  assert.equal(await codeOf(replica.address, await made.issue('good', ours)), status.OK)
})

test('who connects and says nothing is cut when it could have answered, and before counts among the connections', async () => {
  const bounds = ['--max-connections=1', '--keepalive-ms=100', '--keepalive-timeout-ms=1000']
  await using service = await startService(hold, ...plainTls, ...bounds)
  const [host = '', port] = service.address.split(':')
  const mute = createConnection({ host, port: Number(port) }).on('error', () => {})
  const closed = once(mute, 'close')
  mute.resume()
  await once(mute, 'connect')
  using second = await silentConnection(service.address)
  await second.closed
  await closed
  await eventually(async () => assert.equal(await codeOf(service.address), status.OK))
})

test('a caller that vanishes after its handshake loses its connection, and one that answers PING keeps it', async () => {
  await using service = await startService(hold, ...plainTls, '--keepalive-ms=100', '--keepalive-timeout-ms=1000')
  using live = await rawConnection(service.address, await rawTls())
  const [host = '', port] = service.address.split(':')
  const vanished = tlsConnect({ host, port: Number(port), ALPNProtocols: ['h2'], ...(await rawTls()) })
  await once(vanished, 'secureConnect')
  vanished.write(opening)
  vanished.resume().on('error', () => {})
  await once(vanished, 'close')
  assert.partialDeepStrictEqual((await rawCall(live, call)).headers, { 'grpc-status': '0' })
})

test('a channel of the client library reaches replicas by TLS, under the name that their certificates share', async () => {
  await using one = await startService(hold, ...mutualTls, '--pod-name=one')
  await using two = await startService(hold, ...mutualTls, '--pod-name=two')
  const { cert, key } = await pemsOf(await made.issue('library', ours))
  const secure = credentials.createSsl(await readFile(ours.certificate), key, cert)
  const target = `ipv4:${one.address},${two.address}`
  const channel = await openChannel(target, { credentials: secure, serverName, balancing: 'round_robin' })
  using client = connect(HoldServiceClient, target, { channelOverride: channel })
  await eventually(async () => {
    const ended = await Promise.all([holdFor(client, 0), holdFor(client, 0)])
    assert.deepEqual(new Set(ended.map(({ trailers }) => trailers.get('evenkeel-pod')[0])), new Set(['one', 'two']))
  })
  channel.close()
})

test('a call that runs when the drain begins is finished, and its connection is told to go', async () => {
  await using service = await startService(hold, ...mutualTls)
  const caller = await made.issue('draining', ours)
  using client = await secureClient(service.address, caller)
  assert.equal((await holdFor(client, 0)).code, status.OK)
  const running = holdFor(client, 700)
  await eventually(() => assert.equal(service.pool.busy, 1))
  using session = await rawConnection(service.address, await rawTls(caller))
  const goaway = once(session, 'goaway')
  const drained = service.drain()
  assert.equal((await running).code, status.OK)
  await goaway
  assert.equal((await drained).cutCalls, 0)
})

test('a handshake that ends during the drain gets no call in', async () => {
  await using service = await startService(hold, ...plainTls)
  using client = await secureClient(service.address)
  const running = holdFor(client, 700)
  await eventually(() => assert.equal(service.pool.busy, 1))
  const [host = '', port] = service.address.split(':')
  const late = createConnection({ host, port: Number(port) })
  await once(late, 'connect')
  const drained = service.drain()
  const tls = await rawTls()
  const createLate = () => tlsConnect({ socket: late, ALPNProtocols: ['h2'], ...tls })
  using session = await rawConnection(service.address, { createConnection: createLate })
  const { headers } = await rawCall(session, call)
  assert.deepEqual(headers, {})
  assert.equal((await running).code, status.OK)
  await drained
})

test('a renewed certificate counts for new connections, and those that are open go on', async () => {
  const renewed = await made.issue('renewed', ours)
  const flags = [`--tls-certificate=${renewed.certificate}`, `--tls-private-key=${renewed.privateKey}`]
  await using service = await startService(hold, ...flags)
  using client = await secureClient(service.address)
  assert.equal((await holdFor(client, 0)).code, status.OK)
  const next = await made.issue('next', ours, 'DNS:next.example')
  await renew(renewed, next)
  // Read again every five seconds.
  await eventually(async () => assert.equal(await codeOf(service.address), status.UNAVAILABLE), { withinMs: 20_000 })
  assert.equal((await holdFor(client, 0)).code, status.OK)
})

test('a replica takes no other ciphers than GRPC_SSL_CIPHER_SUITES has', async () => {
  process.env['GRPC_SSL_CIPHER_SUITES'] = 'ECDHE-ECDSA-AES128-GCM-SHA256'
  await using replica = await startReplicaProcess('examples/hold/main.ts', ...plainTls).finally(
    () => delete process.env['GRPC_SSL_CIPHER_SUITES'],
  )
  const { hostname: host, port } = new URL(`http://${replica.address}`)
  const cipherOf = async (ciphers: string) => {
    // Those of TLS 1.3 are not chosen by these names.
    const socket = tlsConnect({ host, port: Number(port), ciphers, maxVersion: 'TLSv1.2', rejectUnauthorized: false })
    try {
      await once(socket, 'secureConnect')
      return socket.getCipher().name
    } finally {
      socket.destroy()
    }
  }
  assert.equal(await cipherOf('ECDHE-ECDSA-AES128-GCM-SHA256'), 'ECDHE-ECDSA-AES128-GCM-SHA256')
  await assert.rejects(cipherOf('ECDHE-ECDSA-AES256-GCM-SHA384'), /handshake failure/)
})

test('a replica whose TLS files are wrong does not start, and says which file it is', async () => {
  const wrong = [`--tls-certificate=${server.certificate}`, `--tls-private-key=${ours.privateKey}`]
  await assert.rejects(startService(hold, ...wrong), /ours\.key: is not the private key of .*server\.crt/)
})
