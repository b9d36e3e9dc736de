import { readFile } from 'node:fs/promises'
import type { CertificateFiles, Certificates } from '../../support/certificates.ts'
import { release } from './install-chart.ts'
import type { Kubectl } from './kubectl.ts'

const envoy = `${release}-envoy`

/** Whose certificate each Secret of the chart holds. */
const secrets = { [`${release}-tls`]: release, [`${envoy}-tls`]: envoy, [`${envoy}-callers-tls`]: envoy }

/** Makes the Secrets that the chart's TLS reads, or renews them: new certificates of that authority. */
export async function applyTlsSecrets(
  kubectl: Kubectl,
  certificates: Certificates,
  authority: CertificateFiles,
): Promise<void> {
  const base64 = async (file: string): Promise<string> => (await readFile(file)).toString('base64')
  const objects = Object.entries(secrets).map(async ([secret, service]) => {
    const name = `${service}.${kubectl.namespace}.svc`
    const files = await certificates.issue(secret, authority, `DNS:${name}`, `DNS:${name}.cluster.local`)
    const data = {
      'tls.crt': await base64(files.certificate),
      'tls.key': await base64(files.privateKey),
      'ca.crt': await base64(authority.certificate),
    }
    return { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: secret }, data }
  })
  await kubectl.apply(await Promise.all(objects))
}
