import { type Channel, type ChannelOptions, credentials, Metadata, status } from '@grpc/grpc-js'
import { loadBalancingConfig, type BalancingPolicy } from '../../client/balancing/policy.ts'
import { registerLeastRequest } from '../../client/balancing/register-least-request.ts'
import { failedToConnect, isCallFailure } from '../../client/call-failure.ts'
import { keepaliveOptions } from '../../client/channel.ts'
import { type ChannelRepeats, RepeatingChannel } from '../../client/repeating-channel.ts'
import { enableXds, isXdsTarget } from '../../client/xds.ts'
import { HealthClient } from '../../gen/health/v1/health.ts'
import { commandErrorFrom } from '../primes/call-failure.ts'
import { unaryCall } from '../primes/unary-call.ts'
import { clientOf, type ServiceSite } from '../service-site.ts'

/**
 * Who sends a call again: nobody; grpc-js where it surely reached no server (`transparent`); or also the channel, as those of
 * `evenkeel/client` do for idempotent methods (`policy`).
 */
export type Retries = 'off' | 'transparent' | 'policy'

/** How many connections to where. */
export interface ChannelsOptions extends ServiceSite {
  connections: number
  retries: Retries
  /** Under `policy`: whether calls that a full replica refused are sent again; default true, as in `evenkeel/client`. */
  repeatRefused?: boolean
  /** How often a silent peer is asked whether it is there, in ms. */
  keepaliveMs?: number | undefined
  /** Spreads the calls of each channel over the addresses of a target that has several; by default all go to one. */
  callerBalancing?: BalancingPolicy | undefined
  /** The control plane of an `xds:` target; by default the environment names it. */
  xdsServer?: string | undefined
}

/** Milliseconds until a connection must stand. */
const connectTimeoutMs = 5000

function optionsOf({ retries, callerBalancing, keepaliveMs }: ChannelsOptions): ChannelOptions {
  const serviceConfig = callerBalancing ? { loadBalancingConfig: loadBalancingConfig(callerBalancing) } : {}
  return {
    ...(keepaliveMs === undefined ? {} : keepaliveOptions(keepaliveMs)),
    'grpc.enable_retries': retries === 'off' ? 0 : 1,
    'grpc.service_config': JSON.stringify(serviceConfig),
  }
}

/** What a load sends may be done twice. */
function repeatsOf({ target, retries, repeatRefused = true }: ChannelsOptions): ChannelRepeats {
  return {
    isIdempotent: () => retries === 'policy',
    repeatRefused,
    unavailableByRoute: isXdsTarget(target),
  }
}

/** Channels with a connection each; disposing closes them. */
export interface OpenChannels extends Disposable {
  channels: readonly Channel[]
}

/**
 * Opens connections that share nothing, and waits until all of them stand. Rejects with a `CommandError` that says what to
 * start when one does not.
 */
export async function openChannels(options: ChannelsOptions, signal: AbortSignal): Promise<OpenChannels> {
  const { target, connections, xdsServer } = options
  registerLeastRequest()
  const forXds = xdsServer === undefined ? {} : await enableXds({ server: xdsServer })
  const channels = Array.from({ length: connections }, () => {
    const ownConnection = { 'grpc.use_local_subchannel_pool': 1 }
    const [, secured, connection] = clientOf(options)
    const all = { ...connection, ...optionsOf(options), ...ownConnection, ...forXds }
    return new RepeatingChannel({ target, credentials: secured }, all, repeatsOf(options))
  })
  const close = (): void => channels.forEach((channel) => channel.close())
  try {
    await Promise.all(channels.map((channel) => connect(channel, signal)))
  } catch (thrown) {
    close()
    throw commandErrorFrom(thrown, { target, deadlineMs: connectTimeoutMs })
  }
  return { channels, [Symbol.dispose]: close }
}

/** A call of the health service, whatever it answers: only then is it known that somebody speaks gRPC there. */
async function connect(channel: Channel, signal: AbortSignal): Promise<void> {
  const client = new HealthClient(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel })
  const deadline = Date.now() + connectTimeoutMs
  try {
    await unaryCall((done) => client.check({ service: '' }, new Metadata(), { deadline }, done), signal)
  } catch (thrown) {
    if (!isCallFailure(thrown) || failedToConnect(thrown) || thrown.code === status.DEADLINE_EXCEEDED) throw thrown
  }
}
