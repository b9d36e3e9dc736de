import { isIP, SocketAddress } from 'node:net'
import type { Endpoint, EndpointState } from './source.ts'

/** States from the best to the worst. */
export const byMerit: readonly EndpointState[] = ['ready', 'terminating', 'unready']

/**
 * Each address and port once, sorted. Of duplicates the one in the best state counts, of equals the last: xDS clients refuse an
 * assignment that names an address twice.
 */
export function distinctEndpoints(endpoints: Iterable<Endpoint>): Endpoint[] {
  const best = new Map<string, Endpoint>()
  for (const endpoint of endpoints) {
    const key = `${endpoint.address} ${endpoint.port}`
    const other = best.get(key)
    if (other === undefined || rank(endpoint) <= rank(other)) best.set(key, endpoint)
  }
  return [...best.values()].toSorted((one, other) => compare(one.address, other.address) || one.port - other.port)
}

/** The address in the one form that is compared, or undefined where `text` is no IP address, or one of a link only. */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return undefined
  return new SocketAddress({ address: text, family: family === 6 ? 'ipv6' : 'ipv4' }).address
}

/** Whether two lists say the same in the same order. */
export function sameEndpoints(one: readonly Endpoint[], other: readonly Endpoint[]): boolean {
  return one.length === other.length && one.every((endpoint, at) => isSame(endpoint, other[at]))
}

function isSame(one: Endpoint, other: Endpoint | undefined): boolean {
  return (
    one.address === other?.address && one.port === other.port && one.state === other.state && one.zone === other.zone
  )
}

const rank = ({ state }: Endpoint): number => byMerit.indexOf(state)

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
