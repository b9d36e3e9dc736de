import { type Command, Option } from 'commander'
import type { ChannelSecurity } from './service-site.ts'

/** The options of TLS as they are given. */
interface TlsGiven {
  tlsAuthorities?: string
  tlsCertificate?: string
  tlsPrivateKey?: string
  tlsServerName?: string
}

/** Adds the options of TLS; what they ask for is in the option `security` when the command runs. */
export function withTlsOptions(command: Command): Command {
  const option = (flags: string, about: string, variable: string): Option =>
    new Option(flags, about).env(`EVENKEEL_TLS_${variable}`)
  return command
    .addOption(
      option('--tls-authorities <file>', 'connect by TLS to who has a certificate of these (PEM)', 'AUTHORITIES'),
    )
    .addOption(option('--tls-certificate <file>', 'certificate to show there (PEM)', 'CERTIFICATE'))
    .addOption(option('--tls-private-key <file>', 'its private key', 'PRIVATE_KEY'))
    .addOption(
      option('--tls-server-name <name>', 'name that its certificate must have; else that of the target', 'SERVER_NAME'),
    )
    .hook('preAction', prepareTls)
}

async function prepareTls(command: Command): Promise<void> {
  const given = command.opts<TlsGiven>()
  const problem = contradictionIn(given)
  if (problem !== undefined) command.error(`error: ${problem}`)
  if (given.tlsAuthorities === undefined) return
  try {
    command.setOptionValue('security', await securityFrom({ ...given, tlsAuthorities: given.tlsAuthorities }))
  } catch (thrown) {
    command.error(`error: ${(thrown as Error).message}`)
  }
}

function contradictionIn({
  tlsAuthorities,
  tlsCertificate,
  tlsPrivateKey,
  tlsServerName,
}: TlsGiven): string | undefined {
  if ((tlsCertificate === undefined) !== (tlsPrivateKey === undefined)) {
    return '--tls-certificate and --tls-private-key: give both or none'
  }
  if (tlsAuthorities !== undefined || (tlsCertificate ?? tlsServerName) === undefined) return undefined
  return `${tlsCertificate === undefined ? '--tls-server-name' : '--tls-certificate'}: needs --tls-authorities, without which there is no TLS`
}

/** Loads gRPC, which the command does anyway, only where there is TLS. */
async function securityFrom(given: TlsGiven & { tlsAuthorities: string }): Promise<ChannelSecurity> {
  const { tlsAuthorities, tlsCertificate, tlsPrivateKey, tlsServerName } = given
  const { credentials } = await import('@grpc/grpc-js')
  const { readAuthorities, readPair } = await import('../chassis/listen/pem-files.ts')
  const authorities = await readAuthorities(tlsAuthorities)
  const pair = tlsCertificate && tlsPrivateKey ? await readPair(tlsCertificate, tlsPrivateKey) : undefined
  return {
    credentials: credentials.createSsl(authorities, pair?.key, pair?.cert),
    options: tlsServerName === undefined ? {} : { 'grpc.ssl_target_name_override': tlsServerName },
  }
}
