import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { type DnsOptions, dnsSource } from '../../control-plane/sources/dns.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import { handlesClose } from '../support/handles-close.ts'
import { FollowedSource } from '../support/source-listener.ts'

/** Asks again at once, and waits long enough for a name server on a busy machine. */
const quick: DnsOptions = {
  refreshMs: { min: 5, max: 10 },
  backOff: { minMs: 5, maxMs: 10 },
  timeoutMs: 5000,
  tries: 1,
  resolvConf: '/nonexistent',
}

const host = 'evenkeel.example'

function follow(server: DnsServer, options: DnsOptions = {}): FollowedSource {
  const source = dnsSource(
    { service: 'evenkeel', host, port: 50051 },
    { ...quick, servers: [server.address], ...options },
  )
  return new FollowedSource(source)
}

const addresses = (...list: string[]) => ({ ttl: 0, addresses: list })

afterEach(handlesClose)

test('the addresses of a name are endpoints, in an order of their own', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, addresses('10.0.0.2', '10.0.0.1'))
  await using followed = follow(server)
  assert.deepEqual(await followed.next(), { update: { evenkeel: ['10.0.0.1:50051', '10.0.0.2:50051'] } })
})

test('a name is asked for again when its TTL is over; the same answer in another order is no news', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, addresses('10.0.0.2', '10.0.0.1'))
  await using followed = follow(server)
  await followed.nextUpdate()
  server.answers.set(`A ${host}`, addresses('10.0.0.1', '10.0.0.2'))
  await server.asked(`A ${host}`)
  await server.asked(`A ${host}`)
  server.answers.set(`A ${host}`, addresses('10.0.0.1'))
  assert.deepEqual(await followed.next(), { update: { evenkeel: ['10.0.0.1:50051'] } })
})

test('a TTL of a day does not keep an answer longer than the bound', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, { ttl: 86_400, addresses: ['10.0.0.1'] })
  await using followed = follow(server)
  await followed.nextUpdate()
  server.answers.set(`A ${host}`, { ttl: 86_400, addresses: ['10.0.0.2'] })
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.2:50051'] })
})

for (const [answer, complaint] of [
  [{ code: 'NXDOMAIN' }, /the DNS has no addresses for evenkeel\.example; is the Service headless/],
  [{ code: 'NOERROR' }, /the DNS has no addresses for evenkeel\.example; is the Service headless/],
  [{ code: 'SERVFAIL' }, /queryA ESERVFAIL evenkeel\.example/],
  ['silence', /queryA ETIMEOUT evenkeel\.example/],
] as const) {
  const what = typeof answer === 'string' ? answer : answer.code
  test(`${what} is a fault, what was told stays, and the next answer ends it`, async () => {
    await using server = await startDnsServer()
    server.answers.set(`A ${host}`, addresses('10.0.0.1'))
    await using followed = follow(server, answer === 'silence' ? { timeoutMs: 100 } : {})
    await followed.nextUpdate()
    server.answers.set(`A ${host}`, answer)
    const fault = await followed.nextFault()
    assert.match(fault, complaint)
    assert.match(fault, /^dns:evenkeel\.example:50051: /)
    await followed.nextFault()
    assert.deepEqual(followed.truth, { evenkeel: ['10.0.0.1:50051'] })
    server.answers.set(`A ${host}`, addresses('10.0.0.2'))
    assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.2:50051'] })
    assert.equal(await followed.next(), 'recovered')
  })
}

test('a name server that is away is a fault', async () => {
  const server = await startDnsServer()
  await server[Symbol.asyncDispose]()
  await using followed = follow(server)
  assert.match(await followed.nextFault(), /queryA (ECONNREFUSED|ETIMEOUT)/)
})

test('a name without addresses is a service without endpoints where that was asked for', async () => {
  await using server = await startDnsServer()
  await using followed = follow(server, { absentMeansEmpty: true })
  assert.deepEqual(await followed.next(), { update: { evenkeel: [] } })
})

test('IPv6 counts where there is no IPv4, so that no replica counts twice', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, addresses('10.0.0.1')).set(`AAAA ${host}`, addresses('2001:db8::1'))
  await using followed = follow(server)
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051'] })
  server.answers.set(`A ${host}`, { code: 'NOERROR' })
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['[2001:db8::1]:50051'] })
})

test('a failure to answer for IPv4 does not bring IPv6 in', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, { code: 'SERVFAIL' }).set(`AAAA ${host}`, addresses('2001:db8::1'))
  await using followed = follow(server)
  await followed.nextFault()
  await followed.nextFault()
  assert.deepEqual(followed.updates, [])
})

test('one family alone is asked for where it was chosen', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, addresses('10.0.0.1')).set(`AAAA ${host}`, addresses('2001:db8::1'))
  await using followed = follow(server, { addressType: 'ipv6' })
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['[2001:db8::1]:50051'] })
  assert.deepEqual(new Set(server.questions), new Set([`AAAA ${host}`]))
})

test('search domains are tried in order, and the one that has the name is asked first from then on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-dns-'))
  const resolvConf = join(folder, 'resolv.conf')
  await writeFile(resolvConf, 'search shop.example cluster.example\noptions ndots:5\n')
  await using server = await startDnsServer()
  server.answers.set(`A ${host}.cluster.example`, addresses('10.0.0.1'))
  await using followed = follow(server, { resolvConf, addressType: 'ipv4' })
  assert.deepEqual(await followed.nextUpdate(), { evenkeel: ['10.0.0.1:50051'] })
  server.answers.set(`A ${host}.cluster.example`, addresses('10.0.0.2'))
  await followed.nextUpdate()
  assert.deepEqual(server.questions.slice(0, 3), [
    `A ${host}.shop.example`,
    `A ${host}.cluster.example`,
    `A ${host}.cluster.example`,
  ])
  await rm(folder, { recursive: true })
})

test('a source that waits for a silent name server ends at once', async () => {
  await using server = await startDnsServer()
  server.answers.set(`A ${host}`, 'silence')
  const followed = follow(server, { timeoutMs: 3_600_000 })
  await server.asked('A')
  await followed[Symbol.asyncDispose]()
  assert.deepEqual(followed.told, [])
})
