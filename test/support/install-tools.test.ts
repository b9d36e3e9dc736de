import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../deploy/local/temporary-folder.ts'

const script = resolve(import.meta.dirname, '../../.ci/install-tools')
const bash = '/bin/bash'

/** What the script says on a machine that has nothing but these programs. */
async function install(programs: Record<string, string>): Promise<{ status: number | null; said: string }> {
  await using folder = await temporaryFolder('test-tools')
  await symlink(bash, join(folder.path, 'bash'))
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(folder.path, name), `#!${bash}\n${body}\n`, { mode: 0o755 })
  }
  const { status, stdout, stderr } = spawnSync(script, { env: { PATH: folder.path }, encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

test('tools are not built by a Go that cannot, nor without one: the version that can is named', async () => {
  const old = await install({ go: 'echo go1.19.8' })
  assert.equal(old.status, 1)
  assert.match(old.said, /Go 1\.26 is needed, and there is go1\.19\.8; install it/)
  assert.match((await install({})).said, /Go 1\.26 is needed, and there is none; install it/)
})

test('packages are installed by sudo where the tools are not installed as root', async () => {
  const { status, said } = await install({ go: 'echo go1.26.4', id: 'echo 1000', sudo: 'echo "sudo $*"; exit 7' })
  assert.equal(said.trim(), 'sudo apt-get update -qq')
  assert.equal(status, 7)
})
