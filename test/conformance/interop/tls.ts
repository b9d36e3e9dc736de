import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCertificates } from '../../support/certificates.ts'
import type { PlaceTls } from '../place.ts'
import type { Way } from '../ways.ts'

/** The name in the certificate of whoever is called. */
export const calledName = 'called.test'

/** What a suite needs for TLS; disposing removes the files. */
export interface SuiteTls extends AsyncDisposable {
  place: PlaceTls
  /** File of the authority that callers believe. */
  authority: string
}

/** Makes a certificate where a way needs one. */
export async function suiteTls({ tls }: Way): Promise<SuiteTls | undefined> {
  if (!tls) return undefined
  const made = await makeCertificates()
  const authority = await made.authority('authority')
  const { certificate, privateKey } = await made.issue('called', authority, `DNS:${calledName}`)
  const folder = join(made.folder, 'tls')
  await mkdir(folder)
  await copyFile(certificate, join(folder, 'tls.crt'))
  await copyFile(privateKey, join(folder, 'tls.key'))
  return {
    place: { folder, asksCallers: false },
    authority: authority.certificate,
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  }
}
