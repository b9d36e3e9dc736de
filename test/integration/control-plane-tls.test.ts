import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { once } from 'node:events'
import { credentials, type ServiceError } from '@grpc/grpc-js'
import { startTls } from '../../chassis/listen/tls.ts'
import { HealthClient, HealthService } from '../../gen/health/v1/health.ts'
import { AggregatedDiscoveryServiceClient } from '../../gen/xds/envoy/service/discovery/v3/ads.ts'
import { adsClient, worldStream } from '../support/ads-client.ts'
import { worldRequest } from '../support/ads-requests.ts'
import { callUnary } from '../support/call.ts'
import {
  type CertificateFiles,
  type Certificates,
  makeCertificates,
  pemsOf,
  renew,
  replaceFile,
  serverName,
} from '../support/certificates.ts'
import { startControlPlane, type TestControlPlane } from '../support/control-plane.ts'
import { eventually } from '../support/eventually.ts'
import { memorySource } from '../support/memory-source.ts'
import { connect } from '../support/service.ts'
import { servicesAt } from '../support/world.ts'

let made: Certificates
let ours: CertificateFiles
let theirs: CertificateFiles

before(async () => {
  made = await makeCertificates()
  ours = await made.authority('ours')
  theirs = await made.authority('theirs')
})
after(() => made[Symbol.asyncDispose]())

const source = () => memorySource(servicesAt({ primes: ['10.0.0.1:1'] }))

function startSecured(server: CertificateFiles, ...flags: string[]): Promise<TestControlPlane> {
  const files = [`--tls-certificate=${server.certificate}`, `--tls-private-key=${server.privateKey}`]
  return startControlPlane(source(), ...files, ...flags)
}

/** A client that trusts one authority, and shows a certificate if it has one. */
async function secureClient(address: string, authority: CertificateFiles, caller?: CertificateFiles) {
  const own = caller && (await pemsOf(caller))
  const secure = credentials.createSsl(await readFile(authority.certificate), own?.key, own?.cert)
  const options = { 'grpc.ssl_target_name_override': serverName, 'grpc.use_local_subchannel_pool': 1 }
  const client = new AggregatedDiscoveryServiceClient(address, secure, options)
  return Object.assign(client, { [Symbol.dispose]: () => client.close() })
}

/** Asks for clusters over TLS; resolves to how many there are, rejects when there is no connection. */
async function clustersAt(address: string, authority: CertificateFiles, caller?: CertificateFiles): Promise<number> {
  using client = await secureClient(address, authority, caller)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node: 'envoy-1' }))
  return (await world.next()).resources.length
}

/** The name on the certificate that a new connection is shown. */
async function nameShown(address: string): Promise<string | undefined> {
  const { hostname: host, port } = new URL(`http://${address}`)
  const socket = tlsConnect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return Array.isArray(subject.CN) ? subject.CN[0] : subject.CN
}

test('with a certificate subscribers connect by TLS, and not without it', async () => {
  await using controlPlane = await startSecured(await made.issue('plain-tls', ours))
  assert.equal(await clustersAt(controlPlane.address, ours), 1)
  await assert.rejects(clustersAt(controlPlane.address, theirs), /14: .*/)
  using client = adsClient(controlPlane.address)
  using world = worldStream(client)
  await assert.rejects(world.next(), /14: /)
})

test('the health port answers without TLS, for a kubelet brings none', async () => {
  await using controlPlane = await startSecured(await made.issue('probed', ours))
  using client = connect(HealthClient, controlPlane.healthAddress)
  assert.equal((await callUnary(client, HealthService.check, { request: { service: '' } })).response?.status, 1)
})

test('with authorities subscribers need a certificate of theirs', async () => {
  const flag = `--tls-client-authorities=${ours.certificate}`
  await using controlPlane = await startSecured(await made.issue('mutual', ours), flag)
  const [known, stranger] = [await made.issue('known', ours), await made.issue('stranger', theirs)]
  assert.equal(await clustersAt(controlPlane.address, ours, known), 1)
  await assert.rejects(clustersAt(controlPlane.address, ours, stranger), /14: /)
  await assert.rejects(clustersAt(controlPlane.address, ours), /14: /)
})

test('a renewed certificate counts for new connections, and streams that are open go on', async () => {
  const server = await made.issue('first', ours)
  await using controlPlane = await startSecured(server)
  using client = await secureClient(controlPlane.address, ours)
  using world = worldStream(client)
  world.say(worldRequest('cluster', [], { node: 'envoy-1' }))
  await world.next()
  assert.equal(await nameShown(controlPlane.address), 'first')
  await renew(server, await made.issue('second', ours))
  await eventually(async () => assert.equal(await nameShown(controlPlane.address), 'second'))
  world.say(worldRequest('listener', []))
  assert.equal((await world.next()).resources.length, 1)
})

test('renewed authorities count for new connections', async () => {
  const authorities = join(made.folder, 'renewed-authorities.crt')
  await replaceFile(authorities, ours.certificate)
  await using controlPlane = await startSecured(
    await made.issue('with-renewed-authorities', ours),
    `--tls-client-authorities=${authorities}`,
  )
  const [former, later] = [await made.issue('former', ours), await made.issue('later', theirs)]
  await assert.rejects(clustersAt(controlPlane.address, ours, later), /14: /)
  await replaceFile(authorities, theirs.certificate)
  await eventually(async () => assert.equal(await clustersAt(controlPlane.address, ours, later), 1))
  await assert.rejects(clustersAt(controlPlane.address, ours, former), /14: /)
})

test('renewed files that do not fit each other are told, and the last good ones stay', async () => {
  const server = await made.issue('good', ours)
  const other = await made.issue('other', ours)
  const problem = Promise.withResolvers<Error>()
  using watch = await startTls(server, { fault: problem.resolve, rereadMs: 20 })
  await using controlPlane = await startSecured(server)
  await replaceFile(server.privateKey, other.privateKey)
  assert.match((await problem.promise).message, /good\.key: is not the private key of .*good\.crt/)
  assert.equal(await nameShown(controlPlane.address), 'good')
  watch[Symbol.dispose]()
  await replaceFile(server.certificate, other.certificate)
  await eventually(async () => assert.equal(await nameShown(controlPlane.address), 'other'))
})

test('files that do not fit each other are told once, however often they are read', async () => {
  const server = await made.issue('read-often', ours)
  const faults: Error[] = []
  let readings = 0
  const files = {
    ...server,
    get certificate() {
      readings += 1
      return server.certificate
    },
  }
  using watch = await startTls(files, { fault: (problem) => faults.push(problem), rereadMs: 5 })
  await replaceFile(server.privateKey, ours.privateKey)
  await eventually(() => assert.ok(faults.length > 0))
  const enough = readings + 10
  await eventually(() => assert.ok(readings > enough))
  watch[Symbol.dispose]()
  assert.equal(faults.length, 1)
})

test('authorities that become garbage are told, and the last good ones stay', async () => {
  const server = await made.issue('kept', ours)
  const clientAuthorities = join(made.folder, 'garbled.crt')
  await replaceFile(clientAuthorities, ours.certificate)
  const problem = Promise.withResolvers<Error>()
  using watch = await startTls({ ...server, clientAuthorities }, { fault: problem.resolve, rereadMs: 20 })
  await using controlPlane = await startSecured(server, `--tls-client-authorities=${clientAuthorities}`)
  await writeFile(clientAuthorities, 'garbage')
  const { message } = await problem.promise
  watch[Symbol.dispose]()
  assert.match(message, /garbled\.crt: does not begin with a certificate in PEM/)
  assert.equal(await clustersAt(controlPlane.address, ours, await made.issue('still-known', ours)), 1)
})

for (const { what, garble, problem } of [
  { what: 'is missing', garble: 'certificate', problem: /ENOENT: .*no-such-file/ },
  { what: 'is garbage', garble: 'privateKey', problem: /garbage\.pem: does not begin with a private key in PEM/ },
  { what: 'is of another pair', garble: 'pair', problem: /ours\.key: is not the private key of .*wrong\.crt/ },
] as const) {
  test(`an instance whose TLS file ${what} does not start, and says which file it is`, async () => {
    const server = await made.issue('wrong', ours)
    const garbage = join(made.folder, 'garbage.pem')
    await writeFile(garbage, 'garbage')
    const wrong = {
      certificate: { ...server, certificate: join(made.folder, 'no-such-file') },
      privateKey: { ...server, privateKey: garbage },
      pair: { ...server, privateKey: ours.privateKey },
    }
    await assert.rejects(startSecured(wrong[garble]), (error: ServiceError) => problem.test(error.message))
  })
}
