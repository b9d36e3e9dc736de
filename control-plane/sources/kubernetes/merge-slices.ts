import type { AddressType } from '../address-type.ts'
import { canonicalAddress, distinctEndpoints } from '../endpoints.ts'
import type { Endpoint, EndpointState } from '../source.ts'
import type { Slice, SliceEndpoint } from './slice.ts'

/** Which endpoints of a Service are wanted. */
export interface Wanted {
  /** Name of the Service's port; not needed where it has only one. */
  portName?: string | undefined
  addressType: AddressType
}

/** All slices of a Service as one. */
export interface MergedSlices {
  endpoints: Endpoint[]
  /** What could not be used, and how to mend it. Without endpoints beside it, nothing is known of the Service. */
  problem: string | undefined
}

/** Slices that one problem names; a fleet of a thousand may have as many. */
const maxProblems = 3

/**
 * The endpoints of a Service out of its slices. An endpoint that moves from one slice to another is in both for a while: its best
 * state counts, and of equals the one in the newer slice.
 */
export function mergeSlices(slices: Iterable<Slice>, wanted: Wanted): MergedSlices {
  const filled = [...slices].filter((slice) => (slice.endpoints ?? []).length > 0).toSorted(byAge)
  const { chosen, problems } = ofOneFamily(filled, wanted.addressType)
  const endpoints = chosen.flatMap((slice) => endpointsOf(slice, wanted, problems))
  return { endpoints: distinctEndpoints(endpoints), problem: described(problems) }
}

function ofOneFamily(slices: readonly Slice[], wanted: AddressType): { chosen: Slice[]; problems: string[] } {
  const of = (family: string): Slice[] => slices.filter(({ addressType }) => addressType === family)
  const [ipv4, ipv6] = [of('IPv4'), of('IPv6')]
  const strange = slices.filter(({ addressType }) => addressType !== 'IPv4' && addressType !== 'IPv6')
  const problems = strange.map(
    ({ metadata, addressType }) =>
      `slice ${metadata.name}: addressType ${addressType} is ignored, only IP addresses count`,
  )
  const chosen = { ipv4, ipv6, any: ipv4.length > 0 ? ipv4 : ipv6 }[wanted]
  if (chosen.length === 0 && ipv4.length + ipv6.length > 0) {
    problems.push(`there are no ${wanted} endpoints, but others; ask for the other family or any`)
  }
  return { chosen, problems }
}

function endpointsOf(slice: Slice, { portName }: Wanted, problems: string[]): Endpoint[] {
  const port = portOf(slice, portName)
  if (typeof port === 'string') {
    problems.push(`slice ${slice.metadata.name}: ${port}`)
    return []
  }
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    // All addresses of an endpoint lead to the same place; the first is the one to use.
    const [first = ''] = endpoint.addresses
    const address = canonicalAddress(first)
    if (address !== undefined) return [{ address, port, state: stateOf(endpoint), zone: endpoint.zone ?? undefined }]
    problems.push(`slice ${slice.metadata.name}: ${JSON.stringify(first)} is no IP address`)
    return []
  })
}

/** The port by its name, or the only one; else what is wrong. */
function portOf({ ports }: Slice, name: string | undefined): number | string {
  const usable = (ports ?? []).filter(({ protocol, port }) => (protocol ?? 'TCP') === 'TCP' && typeof port === 'number')
  const found = name === undefined ? usable : usable.filter((port) => port.name === name)
  const [only] = found
  if (found.length === 1 && typeof only?.port === 'number') return only.port
  const names = usable.map((port) => JSON.stringify(port.name ?? '')).join(', ') || 'none'
  const missing = name === undefined ? 'no one TCP port to take' : `no TCP port ${JSON.stringify(name)}`
  return `${missing}, its ports are: ${names}; write kubernetes:SERVICE:PORTNAME`
}

/**
 * `ready` may be missing, which means yes. It is also true for pods that are starting or leaving where a Service publishes
 * addresses that are not ready, so it does not count alone.
 */
function stateOf({ conditions }: SliceEndpoint): EndpointState {
  const ready = conditions?.ready ?? true
  const serving = conditions?.serving ?? ready
  if (conditions?.terminating === true) return serving ? 'terminating' : 'unready'
  return ready && serving ? 'ready' : 'unready'
}

function byAge(one: Slice, other: Slice): number {
  const key = ({ metadata }: Slice): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return key(one) < key(other) ? -1 : 1
}

function described(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined
  const rest = problems.length - maxProblems
  return [...problems.slice(0, maxProblems), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}
