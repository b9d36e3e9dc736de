import type { Server as TlsServer } from 'node:tls'
import { bind } from '../chassis/listen/bind.ts'
import type { HardenedServer } from '../chassis/listen/hardened-server.ts'
import { startTls, type Tls, type TlsOptions } from '../chassis/listen/tls.ts'
import type { ControlPlaneConfig } from './config.ts'

/** The TLS that the settings ask for; undefined for none. */
export async function tlsOf(config: ControlPlaneConfig, options: TlsOptions): Promise<Tls | undefined> {
  const { tlsCertificate: certificate, tlsPrivateKey: privateKey, tlsClientAuthorities } = config
  if (certificate === '') return undefined
  const clientAuthorities = tlsClientAuthorities === '' ? undefined : tlsClientAuthorities
  return startTls({ certificate, privateKey, clientAuthorities }, options)
}

/** Binds the port of ADS, with TLS if there is any, and has its listeners take renewed files. */
export async function bindSecured(
  { server, listeners }: HardenedServer,
  { host, port }: Pick<ControlPlaneConfig, 'host' | 'port'>,
  tls: Tls | undefined,
): Promise<number> {
  const bound = await bind(server, tls ? { host, port, credentials: tls.credentials } : { host, port })
  // With TLS each listener is a secure one.
  if (tls) for (const listener of listeners) tls.keepCurrent(listener as unknown as TlsServer)
  return bound
}
