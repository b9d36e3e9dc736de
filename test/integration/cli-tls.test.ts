import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { writeFile } from 'node:fs/promises'
import { primes } from '../../service/primes/workload.ts'
import { type CertificateFiles, type Certificates, makeCertificates, serverName } from '../support/certificates.ts'
import { startControlPlane } from '../support/control-plane.ts'
import { memorySource } from '../support/memory-source.ts'
import { runCli, runCliWith } from '../support/run-cli.ts'
import { startService } from '../support/service.ts'
import { readyAt, servicesAt } from '../support/world.ts'

let made: Certificates
let ours: CertificateFiles
let theirs: CertificateFiles
/** Settings of a server that lets in callers of a name, and what such a caller says. */
let mutualTls: string[]
let trusting: string[]
let known: string[]

before(async () => {
  made = await makeCertificates()
  ours = await made.authority('ours')
  theirs = await made.authority('theirs')
  const server = await made.issue('server', ours)
  const caller = await made.issue('caller', ours, 'DNS:caller.example')
  mutualTls = [
    `--tls-certificate=${server.certificate}`,
    `--tls-private-key=${server.privateKey}`,
    `--tls-client-authorities=${ours.certificate}`,
    '--tls-client-names=caller.example',
  ]
  trusting = ['--tls-authorities', ours.certificate, '--tls-server-name', serverName]
  known = [...trusting, '--tls-certificate', caller.certificate, '--tls-private-key', caller.privateKey]
})
after(() => made[Symbol.asyncDispose]())

const startSecured = () => startService(primes, '--reflection', '--pod-name=secured', ...mutualTls)

for (const { words, answer } of [
  { words: ['check', '97'], answer: '97 is prime (proven)\n' },
  { words: ['factorize', '12'], answer: '12 = 2^2 * 3\n' },
  { words: ['list', '2', '7'], answer: '2\n3\n5\n7\n' },
]) {
  test(`${words.join(' ')} is answered over TLS by a service that asks for a certificate`, async () => {
    await using service = await startSecured()
    const { code, stdout, stderr } = await runCli(...words, '--target', service.address, ...known)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal(stdout.replaceAll('×', '*').replaceAll('·', '*'), answer)
  })
}

for (const work of [
  ['--job', 'tiny'],
  ['--call', 'evenkeel.primes.v1.PrimesService/CheckPrime', '--data', '{"number":"97"}'],
]) {
  test(`spread ${work[0]} sends its load over TLS`, async () => {
    await using service = await startSecured()
    const load = ['--rate', '50', '--for', '500ms', '--json', '--max-lost', '0']
    const { code, stdout } = await runCli('spread', '--target', service.address, ...load, ...work, ...known)
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout).callsPerPod, { secured: 25 })
  })
}

test('replicas of an xds: target are connected to by TLS', async () => {
  await using service = await startSecured()
  await using controlPlane = await startControlPlane(memorySource(new Map([['primes', [readyAt(service.address)]]])))
  const target = ['--target', 'xds:///primes', '--xds-server', controlPlane.address]
  const { code, stdout } = await runCli('check', '97', ...target, ...known)
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '97 is prime (proven)\n' })
  const load = ['--rate', '50', '--for', '500ms', '--json', '--max-lost', '0']
  assert.equal((await runCli('spread', ...target, ...load, ...known)).code, 0)
  assert.equal((await runCli('check', '97', '--deadline-ms', '1000', ...target, ...trusting)).code, 1)
})

test('a control plane with TLS is asked for its status by TLS', async () => {
  await using controlPlane = await startControlPlane(memorySource(servicesAt({ primes: ['10.0.0.1:1'] })), ...mutualTls)
  const { code, stdout } = await runCli('control-plane', 'status', '--target', controlPlane.address, ...known)
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'No subscribers.\n' })
})

test('what TLS needs may stand in variables', async () => {
  await using service = await startSecured()
  const [
    ,
    EVENKEEL_TLS_AUTHORITIES,
    ,
    EVENKEEL_TLS_SERVER_NAME,
    ,
    EVENKEEL_TLS_CERTIFICATE,
    ,
    EVENKEEL_TLS_PRIVATE_KEY,
  ] = known
  const environment = {
    EVENKEEL_TLS_AUTHORITIES,
    EVENKEEL_TLS_SERVER_NAME,
    EVENKEEL_TLS_CERTIFICATE,
    EVENKEEL_TLS_PRIVATE_KEY,
  }
  const { code } = await runCliWith(environment, 'check', '97', '--target', service.address)
  assert.equal(code, 0)
})

test('what is wrong with a certificate is said with what to do', async () => {
  await using service = await startSecured()
  const check = (...tls: string[]) => runCli('check', '97', '--target', service.address, ...tls)
  const others = await check('--tls-authorities', theirs.certificate, '--tls-server-name', serverName)
  assert.equal(others.code, 1)
  assert.match(
    others.stderr,
    /^error: UNAVAILABLE: .* \(.*certificate.*\); --tls-authorities says who must have signed/,
  )
  for (const name of [[], ['--tls-server-name', 'other.example']]) {
    const unnamed = await check('--tls-authorities', ours.certificate, ...name)
    assert.equal(unnamed.code, 1)
    assert.match(unnamed.stderr, /^error: UNAVAILABLE: .*; --tls-server-name says which name/)
  }
  assert.equal((await check(...trusting)).code, 1)
  assert.equal((await check()).code, 1)
})

test('wrong options and files of TLS are wrong usage, and the file is named', async () => {
  const garbage = join(made.folder, 'garbage.pem')
  await writeFile(garbage, 'garbage')
  for (const { tls, problem } of [
    { tls: ['--tls-authorities', '/no/ca.crt'], problem: /^error: ENOENT: .*'\/no\/ca\.crt'\n$/ },
    { tls: ['--tls-authorities', garbage], problem: /garbage\.pem: does not begin with a certificate in PEM\n$/ },
    { tls: known.slice(0, 6), problem: /^error: --tls-certificate and --tls-private-key: give both or none\n$/ },
    { tls: [...known.slice(0, 7), ours.privateKey], problem: /ours\.key: is not the private key of .*caller\.crt\n$/ },
    {
      tls: known.slice(4),
      problem: /^error: --tls-certificate: needs --tls-authorities, without which there is no TLS\n$/,
    },
    { tls: known.slice(2, 4), problem: /^error: --tls-server-name: needs --tls-authorities/ },
  ]) {
    const { code, stdout, stderr } = await runCli('check', '97', ...tls)
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    assert.match(stderr, problem)
  }
})
