import type { Server } from '@grpc/grpc-js'
import {
  type ClientConfig,
  type ClientConfig_GenericXdsConfig,
  ClientStatusDiscoveryServiceService,
  type ClientStatusDiscoveryServiceServer,
  type ClientStatusResponse,
  ConfigStatus,
} from '../gen/xds/envoy/service/status/v3/csds.ts'
import { ClientResourceStatus } from '../gen/xds/envoy/admin/v3/config_dump_shared.ts'
import type { AdsServer, OpenStream } from './ads/ads-server.ts'
import type { Rejection, TypeState } from './ads/subscribed-type.ts'
import { wildcard } from './ads/subscription.ts'
import { typeUrls } from './resources/resource.ts'

/**
 * Client status discovery, the standard service that says what each subscriber was sent and has taken; `evenkeel control-plane
 * status` reads it. Contents of resources are left out, and node matchers are not heeded: an instance has few subscribers.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/status/v3/csds.proto
 */
export function addClientStatus(server: Server, ads: AdsServer): void {
  const answer = (): ClientStatusResponse => ({ config: ads.streams.map(clientConfig) })
  const implementation: ClientStatusDiscoveryServiceServer = {
    fetchClientStatus: (_call, respond) => respond(null, answer()),
    streamClientStatus: (call) => {
      // The next request is read once the answer before it has left: one who does not read is told nothing more.
      call.on('data', () => {
        call.pause()
        call.write(answer(), () => call.resume())
      })
      call.on('end', () => call.end())
    },
  }
  server.addService(ClientStatusDiscoveryServiceService, implementation)
}

/** The scope tells streams of one node apart: its protocol and where it comes from. */
function clientConfig({ node, types, protocol, peer }: OpenStream): ClientConfig {
  const genericXdsConfigs = types.flatMap(resourcesOf)
  return { node, xdsConfig: [], genericXdsConfigs, clientScope: `${protocol} ${peer}` }
}

function resourcesOf(state: TypeState): ClientConfig_GenericXdsConfig[] {
  const names = new Set([...state.wanted, ...state.held.keys()])
  return [...names].map((name) => resourceOf(state, name))
}

function resourceOf(state: TypeState, name: string): ClientConfig_GenericXdsConfig {
  const versionInfo = (name === wildcard ? state.sentVersion : state.held.get(name)) ?? ''
  const rejection = state.rejections.get(name)
  return {
    typeUrl: typeUrls[state.type],
    name,
    versionInfo,
    xdsConfig: undefined,
    lastUpdated: undefined,
    configStatus: configStatus(state, versionInfo, rejection),
    clientStatus: rejection ? ClientResourceStatus.NACKED : ClientResourceStatus.REQUESTED,
    errorState: rejection && {
      failedConfiguration: undefined,
      lastUpdateAttempt: undefined,
      details: rejection.reason,
      versionInfo: rejection.version,
    },
    isStaticResource: false,
  }
}

function configStatus(state: TypeState, version: string, rejection: Rejection | undefined): ConfigStatus {
  if (rejection) return ConfigStatus.ERROR
  if (version === '') return ConfigStatus.NOT_SENT
  return state.sentVersion === state.acknowledgedVersion ? ConfigStatus.SYNCED : ConfigStatus.STALE
}
