import { z } from 'zod'
import { flagOf, type Option } from '../options.ts'
import { startTls, type Tls, type TlsOptions } from './tls.ts'

/** The settings of TLS; all empty for none. */
export interface TlsSettings {
  readonly tlsCertificate: string
  readonly tlsPrivateKey: string
  readonly tlsClientAuthorities: string
  readonly tlsClientNames: readonly string[]
}

const path = z.string()
const names = z.string().transform((given): readonly string[] =>
  given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
)

/** The settings of TLS for a table of options; `who` connects. */
export function tlsOptions(who: string) {
  return {
    tlsCertificate: {
      read: path,
      default: '',
      about: `File of the certificate chain in PEM; with it ${who} connect by TLS`,
    },
    tlsPrivateKey: { read: path, default: '', about: 'File of its private key' },
    tlsClientAuthorities: {
      read: path,
      default: '',
      about: `File of authorities; with it ${who} need a certificate of theirs`,
    },
    tlsClientNames: {
      read: names,
      default: '',
      about: 'Names (DNS, URI or address) with commas, of which that certificate needs one; none: any',
    },
  } as const satisfies Record<keyof TlsSettings, Option<unknown>>
}

/** What is wrong with settings of TLS that are right each by itself. */
export function tlsContradictions(settings: TlsSettings): string[] {
  const { tlsCertificate, tlsPrivateKey, tlsClientAuthorities, tlsClientNames } = settings
  const problems: string[] = []
  if ((tlsCertificate === '') !== (tlsPrivateKey === '')) {
    problems.push(`${flagOf('tlsCertificate')} and ${flagOf('tlsPrivateKey')}: give both or none`)
  }
  if (tlsClientAuthorities !== '' && tlsCertificate === '') {
    problems.push(`${flagOf('tlsClientAuthorities')}: needs ${flagOf('tlsCertificate')} and ${flagOf('tlsPrivateKey')}`)
  }
  // Anyone can sign a certificate for a name.
  if (tlsClientNames.length > 0 && tlsClientAuthorities === '') {
    problems.push(`${flagOf('tlsClientNames')}: needs ${flagOf('tlsClientAuthorities')}`)
  }
  return problems
}

/** The TLS that the settings ask for; undefined for none. */
export async function tlsOf(settings: TlsSettings, options: TlsOptions): Promise<Tls | undefined> {
  const { tlsCertificate: certificate, tlsPrivateKey: privateKey, tlsClientNames: clientNames } = settings
  if (certificate === '') return undefined
  const clientAuthorities = settings.tlsClientAuthorities === '' ? undefined : settings.tlsClientAuthorities
  return startTls({ certificate, privateKey, clientAuthorities, clientNames }, options)
}
