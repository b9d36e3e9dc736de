import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/**
 * Whether a certificate that is signed well is for one of `names`: DNS names, URIs (with `://`, as SPIFFE's) or addresses. Only
 * subject alternative names count, each as a whole: no wildcards, no common name.
 */
export function hasOneOf(names: readonly string[], certificate: X509Certificate): boolean {
  return names.some((name) => {
    if (name.includes('://')) return urisOf(certificate).includes(name)
    if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined
    return certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined
  })
}

/** A comma within a name is written as an escape, so that a name cannot pass for several. */
function urisOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('URI:') ? [name.slice(4)] : []))
}
