import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Certificate } from './kubernetes-api.ts'
import { skipOrFail } from './missing-tool.ts'
import { runCommand } from './run-command.ts'

/** A certificate for 127.0.0.1 that signs itself; undefined where openssl is missing, and the test is skipped. */
export async function selfSigned(context: TestContext): Promise<Certificate | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-certificate-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const files = ['-nodes', '-keyout', key, '-out', cert]
  try {
    await runCommand('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...files])
    return { cert: await readFile(cert), key: await readFile(key) }
  } catch (error) {
    skipOrFail(context, `openssl makes no certificate, install it: ${String(error)}`)
    return undefined
  } finally {
    await rm(folder, { recursive: true })
  }
}
