import { isIP } from 'node:net'
import type { AddressType } from './address-type.ts'
import { type DnsOptions, dnsSource } from './dns.ts'
import { type FileOptions, fileSource } from './file.ts'
import { kubernetesSource } from './kubernetes.ts'
import type { KubernetesOptions } from './kubernetes/settings.ts'
import { serviceNamePattern, serviceNameRule } from './service-name.ts'
import type { ServiceSource } from './service-source.ts'
import type { Source } from './source.ts'

/** Settings of the sources that a name may mean. */
export interface SourceOptions {
  /** Default any. */
  addressType?: AddressType
  file?: FileOptions
  dns?: Omit<DnsOptions, 'addressType'>
  kubernetes?: Omit<KubernetesOptions, 'addressType'>
}

const forms = '[SERVICE=]kubernetes:[NAMESPACE/]NAME[:PORTNAME], [SERVICE=]dns:NAME:PORT or file:PATH'

/** A part of a DNS name. The underscore stands in names of containers. */
const label = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/

/** A name of Kubernetes: of a namespace, a Service or one of its ports. */
const kubernetesName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * The source that a text means: `kubernetes:shop/evenkeel:grpc`, `dns:evenkeel-headless:50051`, `file:endpoints.yaml`. A service is
 * called as its Service or the first part of its DNS name, or as `NAME=` before it says. Throws where the text means nothing.
 */
export function sourceFrom(text: string, options: SourceOptions = {}): Source | ServiceSource {
  const [, service, kind, place = ''] = /^(?:([^=:]*)=)?(file|dns|kubernetes):(.+)$/.exec(text) ?? []
  if (service !== undefined && !serviceNamePattern.test(service)) throw refused(text, serviceNameRule)
  const common = options.addressType === undefined ? {} : { addressType: options.addressType }
  if (kind === 'dns') return dnsSource(dnsName(text, place, service), { ...options.dns, ...common })
  if (kind === 'kubernetes') {
    return kubernetesSource(kubernetesService(text, place, service), { ...options.kubernetes, ...common })
  }
  if (kind !== 'file') throw refused(text, `is no source; write ${forms}`)
  if (service !== undefined) throw refused(text, 'a file names its services itself; leave out what is before file:')
  return fileSource(place, options.file)
}

function dnsName(text: string, place: string, service: string | undefined): Parameters<typeof dnsSource>[0] {
  const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(place) ?? []
  const port = Number(digits)
  if (port < 1 || port > 65_535) throw refused(text, 'has no port from 1 to 65535; write dns:NAME:PORT')
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0)
    throw refused(text, 'is an address and no name; put it into a file:')
  const labels = host.replace(/\.$/, '').split('.')
  if (host.length > 253 || !labels.every((part) => label.test(part))) throw refused(text, `${host} is no DNS name`)
  return { service: service ?? (labels[0] as string), host, port }
}

function kubernetesService(
  text: string,
  place: string,
  service: string | undefined,
): Parameters<typeof kubernetesSource>[0] {
  const [, namespace, name = '', portName] = /^(?:([^/:]*)\/)?([^/:]*)(?::([^/:]*))?$/.exec(place) ?? []
  for (const part of [namespace, name, portName]) {
    if (part === undefined || kubernetesName.test(part)) continue
    throw refused(
      text,
      `${JSON.stringify(part)} is no name of Kubernetes; write kubernetes:[NAMESPACE/]NAME[:PORTNAME]`,
    )
  }
  if (/^\d+$/.test(portName ?? '')) throw refused(text, 'has a number for a port; write the name it has in the Service')
  return { service: service ?? name, namespace, name, portName }
}

function refused(text: string, why: string): Error {
  return new Error(`${JSON.stringify(text)}: ${why}`)
}
