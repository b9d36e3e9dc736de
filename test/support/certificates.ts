import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What certificates are for: TLS knows no names that are addresses. */
export const serverName = 'control-plane.test'

/** A certificate and its key, as files. */
export interface CertificateFiles {
  certificate: string
  privateKey: string
}

/** A folder of certificates, made by openssl; disposing removes it. */
export interface Certificates extends AsyncDisposable {
  folder: string
  /** A new authority. */
  authority(name: string): Promise<CertificateFiles>
  /** A new certificate of `authority` for subject alternative names as openssl writes them; `DNS:` of `serverName` unless said. */
  issue(name: string, authority: CertificateFiles, ...names: string[]): Promise<CertificateFiles>
}

/** Makes a folder in which certificates are made. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'))
  const make = async (name: string, ...more: string[]): Promise<CertificateFiles> => {
    const files = { certificate: join(folder, `${name}.crt`), privateKey: join(folder, `${name}.key`) }
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', files.privateKey]
    await run('openssl', [
      'req',
      '-x509',
      ...key,
      '-out',
      files.certificate,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...more,
    ])
    return files
  }
  return {
    folder,
    authority: (name) => make(name),
    issue: async (name, { certificate, privateKey }, ...names) => {
      const config = join(folder, `${name}.cnf`)
      await writeFile(config, requestFor(names.length === 0 ? [`DNS:${serverName}`] : names))
      return make(name, '-CA', certificate, '-CAkey', privateKey, '-config', config)
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** openssl's configuration for a certificate with names, each on a line of its own: one may have a comma. */
function requestFor(names: readonly string[]): string {
  const lines = names.map((name, at) => name.replace(':', `.${at + 1} = `))
  const sections = ['[req]', 'distinguished_name = dn', 'x509_extensions = more', '[dn]', '[more]']
  return [...sections, 'subjectAltName = @names', '[names]', ...lines, ''].join('\n')
}

/** Puts a copy of `next` in the place of `present` at once: nobody reads half a file. */
export async function replaceFile(present: string, next: string): Promise<void> {
  await copyFile(next, `${present}.next`)
  await rename(`${present}.next`, present)
}

/** Puts other files in the place of these, one after the other, as a renewal does. */
export async function renew(present: CertificateFiles, next: CertificateFiles): Promise<void> {
  await replaceFile(present.certificate, next.certificate)
  await replaceFile(present.privateKey, next.privateKey)
}

/** The bytes of both. */
export async function pemsOf({ certificate, privateKey }: CertificateFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const [cert, key] = await Promise.all([readFile(certificate), readFile(privateKey)])
  return { cert, key }
}
