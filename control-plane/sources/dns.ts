import { readFile } from 'node:fs/promises'
import type { AddressType } from './address-type.ts'
import { BackOff, type BackOffOptions, pause } from './back-off.ts'
import { type Answer, Query, type QueryOptions } from './dns/query.ts'
import { searchNames } from './dns/search-names.ts'
import { distinctEndpoints } from './endpoints.ts'
import { faultOf } from './faults.ts'
import type { SourceListener } from './source.ts'
import type { ServiceSource } from './service-source.ts'
import { Teller } from './teller.ts'

/** How a name is followed. */
export interface DnsOptions extends QueryOptions {
  /** Default any. */
  addressType?: AddressType
  /**
   * Whether a name without addresses is a service without endpoints. Default false: that is also how a name server answers that
   * has just started or lost its data.
   */
  absentMeansEmpty?: boolean
  /** Bounds of the time between questions, in ms; the TTL decides in between. Default 1 s to 30 s. */
  refreshMs?: { min: number; max: number }
  backOff?: BackOffOptions
  /** Where search domains are read. */
  resolvConf?: string
}

/** One service whose replicas are the addresses of a name. All are ready: the DNS knows no other state. */
export interface DnsName {
  service: string
  host: string
  port: number
}

const defaultRefreshMs = { min: 1000, max: 30_000 }

/** Endpoints of a name in the DNS, asked for again when its TTL is over. */
export function dnsSource({ service, host, port }: DnsName, options: DnsOptions = {}): ServiceSource {
  const { addressType = 'any', absentMeansEmpty = false, refreshMs = defaultRefreshMs } = options
  const name = `dns:${host}:${port}`

  async function follow(listener: SourceListener, signal: AbortSignal): Promise<void> {
    const teller = new Teller(listener)
    const backOff = new BackOff(options.backOff)
    const query = new Query(addressType, options)
    signal.addEventListener('abort', () => query.cancel(), { once: true })
    // The name that had addresses last is asked for first, to spare the search.
    let found: string | undefined
    while (!signal.aborted) {
      let waitMs: number
      try {
        const searched = searchNames(host, await searchConfiguration(options.resolvConf))
        const answer = await query.addressesOf([...new Set([found ?? [], searched].flat())])
        if (answer.addresses.length === 0 && !absentMeansEmpty) throw new Error(absent(searched))
        found = answer.name
        teller.update(new Map([[service, endpointsOf(answer)]]))
        teller.recovered()
        backOff.reset()
        waitMs = Math.min(refreshMs.max, Math.max(refreshMs.min, answer.ttlSeconds * 1000))
      } catch (error) {
        if (signal.aborted) return
        teller.fault(faultOf(name, error))
        waitMs = backOff.nextMs()
      }
      await pause(waitMs, signal)
    }
  }

  const endpointsOf = ({ addresses }: Answer) =>
    distinctEndpoints(addresses.map((address) => ({ address, port, state: 'ready' as const })))

  return { name, service, follow }
}

/** Read each time: a pod's file may change under a process that runs for months. Without one no domain is searched. */
async function searchConfiguration(path = '/etc/resolv.conf'): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}

function absent(names: readonly string[]): string {
  return `the DNS has no addresses for ${names.join(', ')}; is the Service headless, and has it replicas?`
}
