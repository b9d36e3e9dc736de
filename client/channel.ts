import { Channel, type ChannelCredentials, type ChannelOptions, type ClientOptions, credentials } from '@grpc/grpc-js'
import { type BalancingPolicy, loadBalancingConfig } from './balancing/policy.ts'
import { registerLeastRequest } from './balancing/register-least-request.ts'
import { idempotentMethods } from './idempotent-methods.ts'
import { type ChannelRepeats, RepeatingChannel } from './repeating-channel.ts'
import { enableXds, isXdsTarget } from './xds.ts'
import type { XdsBootstrapOptions } from './xds-bootstrap.ts'

/** The peer has four times as long to answer, at most 10 s: a busy one is not gone. */
export function keepaliveOptions(keepaliveMs: number): ChannelOptions {
  return { 'grpc.keepalive_time_ms': keepaliveMs, 'grpc.keepalive_timeout_ms': Math.min(4 * keepaliveMs, 10_000) }
}

/** How a channel treats its connections, whatever the target. */
export const connectionOptions = {
  // A proxy for the web that the environment names does not speak gRPC.
  'grpc.enable_http_proxy': 0,
  // Otherwise the name server is asked for a TXT record with a configuration.
  'grpc.service_config_disable_resolution': 1,
  // Milliseconds. A peer that is gone without a word is noticed while a call is open; without calls nothing is sent. Servers of
  // other languages close a connection (ENHANCE_YOUR_CALM) for more than two pings within 5 minutes of the one before and without
  // a byte sent in between, https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md: at this pace all calls
  // would have to be silent for 3 minutes. grpc-js then doubles the time.
  ...keepaliveOptions(60_000),
  // Milliseconds until a replica that was away is tried again; grpc-js waits up to 2 minutes.
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5000,
  // Milliseconds. Names are resolved again only when a connection drops, and then no more often than this.
  'grpc.dns_min_time_between_resolutions_ms': 5000,
} satisfies ChannelOptions

/** Settings of a channel. */
export interface ChannelSettings {
  /**
   * Methods whose calls may be made again after a replica has perhaps begun them, because a second time does no harm: those that
   * proto files mark as `NO_SIDE_EFFECTS` or `IDEMPOTENT`. `package.Service` for all of a service, `package.Service/Method`.
   */
  idempotent?: readonly string[] | undefined
  /** Whether such a call is made once more where a full replica refused it and said when to come back; default true. */
  repeatRefused?: boolean | undefined
  /**
   * Default: `least_request_full_scan` for targets that can have several addresses (`dns:`, `ipv4:`, `ipv6:`), `pick_first` for
   * `host:port`, which is taken for one Envoy. With `xds:` the control plane decides.
   */
  balancing?: BalancingPolicy | 'pick_first' | undefined
  /**
   * How often a peer that is silent while a call is open is asked whether it is there, in ms; 60 000 unless said. Where it is an Envoy
   * or a replica of ours take 1000: else an Envoy whose node is lost keeps every call of this channel until its deadline.
   */
  keepaliveMs?: number | undefined
  /** With TLS: the name that certificates must have, where it is not that of the target. */
  serverName?: string | undefined
  /** The control plane of an `xds:` target; by default the environment names it. */
  xds?: XdsBootstrapOptions | undefined
}

/**
 * The options of a client of `target`, which makes a channel of them; `openChannel` makes the channel itself. Throws for a method
 * name that is none, and for an `xds:` target, which needs more than options.
 */
export function channelOptions(target: string, settings: Omit<ChannelSettings, 'xds'> = {}): ClientOptions {
  if (isXdsTarget(target)) throw new Error(`"${target}" cannot be reached by options alone; await openChannel for it`)
  const options = optionsOf(target, settings)
  const repeats = repeatsOf(target, settings)
  if (!repeats) return options
  return {
    ...options,
    channelFactoryOverride: (address, secured, own) =>
      new RepeatingChannel({ target: address, credentials: secured }, own, repeats),
  }
}

/**
 * Makes a channel to `host:port`, `dns:///name:port`, `ipv4:address:port,address:port` or `xds:///name`; generated clients take it
 * as `channelOverride`. It connects at the first call. Rejects for a method name that is none; close it when done.
 */
export async function openChannel(
  target: string,
  settings: ChannelSettings & { credentials?: ChannelCredentials } = {},
): Promise<Channel> {
  const forXds = isXdsTarget(target) ? await enableXds(settings.xds) : {}
  const options = { ...optionsOf(target, settings), ...forXds }
  const secured = settings.credentials ?? credentials.createInsecure()
  const repeats = repeatsOf(target, settings)
  return repeats
    ? new RepeatingChannel({ target, credentials: secured }, options, repeats)
    : new Channel(target, secured, options)
}

function repeatsOf(
  target: string,
  { idempotent = [], repeatRefused = true }: ChannelSettings,
): ChannelRepeats | undefined {
  if (idempotent.length === 0) return undefined
  return { isIdempotent: idempotentMethods(idempotent), repeatRefused, unavailableByRoute: isXdsTarget(target) }
}

function optionsOf(target: string, settings: ChannelSettings): ChannelOptions {
  const { balancing, keepaliveMs, serverName } = settings
  registerLeastRequest()
  const chosen = balancing ?? (/^(dns|ipv4|ipv6):/.test(target) ? 'least_request_full_scan' : 'pick_first')
  const serviceConfig = chosen === 'pick_first' ? {} : { loadBalancingConfig: loadBalancingConfig(chosen) }
  return {
    ...connectionOptions,
    ...(keepaliveMs === undefined ? {} : keepaliveOptions(keepaliveMs)),
    'grpc.service_config': JSON.stringify(serviceConfig),
    ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
  }
}
