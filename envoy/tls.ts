import { isIP } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'

const typePrefix = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'

/** TLS of one side: files for Envoy's SDS, as `secretFile` makes them, so that certificates change while it runs. */
export interface WatchedTls {
  /** File that says where Envoy's own certificate and key are. */
  certificate?: string
  /** File that says where the authorities are by whom the other side's certificate must be signed. */
  authorities?: string
  /** Names of which the other side's certificate must have one: DNS, URI (with `://`) or address. Empty: any name. */
  names?: readonly string[]
}

/** TLS to callers. With `authorities` they must show a certificate. */
export function callerTransport(tls: WatchedTls): unknown {
  return tlsSocket('DownstreamTlsContext', {
    require_client_certificate: tls.authorities !== undefined,
    common_tls_context: watchedContext(tls, ['h2', 'http/1.1']),
  })
}

/** TLS to replicas; the first DNS name is told to them as well (SNI). */
export function replicaTransport(tls: WatchedTls): unknown {
  const name = tls.names?.find((each) => nameType(each) === 'DNS')
  return tlsSocket('UpstreamTlsContext', {
    ...(name === undefined ? {} : { sni: name }),
    common_tls_context: watchedContext(tls, ['h2']),
  })
}

/** TLS to a control plane, by files in PEM that are read once. Its certificate must be for `host`. */
export function controlPlaneTransport(
  host: string,
  tls: { authorities: string; certificate?: string; privateKey?: string },
): unknown {
  const certificates = tls.certificate && {
    tls_certificates: [{ certificate_chain: { filename: tls.certificate }, private_key: { filename: tls.privateKey } }],
  }
  return tlsSocket('UpstreamTlsContext', {
    ...(nameType(host) === 'DNS' ? { sni: host } : {}),
    common_tls_context: {
      ...certificates,
      alpn_protocols: ['h2'],
      validation_context: { trusted_ca: { filename: tls.authorities }, ...matchNames([host]) },
    },
  })
}

/**
 * The text of a file for Envoy's SDS. The folder has tls.crt and tls.key, or ca.crt, as a mounted Secret does, and is watched:
 * whoever renames something in it, as the kubelet renames `..data`, has Envoy read them again.
 */
export function secretFile(kind: 'certificate' | 'authorities', folder: string): string {
  const file = (name: string) => ({ filename: join(folder, name) })
  const watched = { watched_directory: { path: folder } }
  const secret =
    kind === 'certificate'
      ? { tls_certificate: { certificate_chain: file('tls.crt'), private_key: file('tls.key'), ...watched } }
      : { validation_context: { trusted_ca: file('ca.crt'), ...watched } }
  return stringify({ resources: [{ '@type': `${typePrefix}.Secret`, name: kind, ...secret }] }, { lineWidth: 0 })
}

function watchedContext({ certificate, authorities, names = [] }: WatchedTls, protocols: string[]): unknown {
  return {
    alpn_protocols: protocols,
    // By default Envoy goes no further than 1.2 to replicas, which encrypts no certificate.
    tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
    ...(certificate && { tls_certificate_sds_secret_configs: [secretConfig('certificate', certificate)] }),
    ...(authorities && {
      combined_validation_context: {
        default_validation_context: matchNames(names),
        validation_context_sds_secret_config: secretConfig('authorities', authorities),
      },
    }),
  }
}

function secretConfig(name: string, path: string): unknown {
  return { name, sds_config: { resource_api_version: 'V3', path_config_source: { path } } }
}

function matchNames(names: readonly string[]): object {
  if (names.length === 0) return {}
  const matchers = names.map((name) => ({ san_type: nameType(name), matcher: { exact: name } }))
  return { match_typed_subject_alt_names: matchers }
}

function nameType(name: string): 'DNS' | 'URI' | 'IP_ADDRESS' {
  if (name.includes('://')) return 'URI'
  return isIP(name) === 0 ? 'DNS' : 'IP_ADDRESS'
}

function tlsSocket(type: string, context: object): unknown {
  return { name: 'envoy.transport_sockets.tls', typed_config: { '@type': `${typePrefix}.${type}`, ...context } }
}
