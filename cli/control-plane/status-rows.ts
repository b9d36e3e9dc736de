import {
  type ClientConfig,
  type ClientConfig_GenericXdsConfig,
  ConfigStatus,
} from '../../gen/xds/envoy/service/status/v3/csds.ts'

/**
 * How a subscriber stands.
 *
 * - `taken`: it has acknowledged what it was sent.
 * - `sent`: it has not answered yet.
 * - `refused`: it goes on with what it had.
 * - `waiting`: what it wants does not exist.
 */
export type SubscriberState = 'taken' | 'sent' | 'refused' | 'waiting'

/** One type of one subscriber. */
export interface StatusRow {
  node: string
  protocol: string
  /** Address and port. */
  from: string
  /** Last part of the type URL, such as `ClusterLoadAssignment`. */
  type: string
  /** Names; `*` for all there are. */
  wanted: string[]
  /** By name, of what was sent. */
  versions: Record<string, string>
  state: SubscriberState
  /** Why it refused. */
  reason?: string
}

/** What client status discovery says of one subscriber, a row for each type. */
export function statusRows({ node, clientScope, genericXdsConfigs }: ClientConfig): StatusRow[] {
  const [protocol = '', from = ''] = clientScope.split(' ')
  const byType = Map.groupBy(genericXdsConfigs, ({ typeUrl }) => typeUrl)
  return [...byType].map(([typeUrl, resources]) => {
    const refused = resources.find(({ configStatus }) => configStatus === ConfigStatus.ERROR)
    const sent = resources.filter(({ name, versionInfo }) => name !== '*' && versionInfo !== '')
    return {
      node: node?.id ?? '',
      protocol,
      from,
      type: typeUrl.split('.').at(-1) as string,
      wanted: resources.filter(({ name }) => name === '*' || !hasWildcard(resources)).map(({ name }) => name),
      versions: Object.fromEntries(sent.map(({ name, versionInfo }) => [name, versionInfo])),
      state: refused ? 'refused' : stateOf(resources),
      ...(refused?.errorState ? { reason: refused.errorState.details } : {}),
    }
  })
}

function hasWildcard(resources: readonly ClientConfig_GenericXdsConfig[]): boolean {
  return resources.some(({ name }) => name === '*')
}

function stateOf(resources: readonly ClientConfig_GenericXdsConfig[]): SubscriberState {
  const states = new Set(resources.map(({ configStatus }) => configStatus))
  if (states.has(ConfigStatus.STALE)) return 'sent'
  return states.has(ConfigStatus.SYNCED) ? 'taken' : 'waiting'
}
