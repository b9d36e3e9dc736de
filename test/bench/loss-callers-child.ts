import { Channel, credentials, status } from '@grpc/grpc-js'
import { channelOptions, connectionOptions, keepaliveOptions, openChannel } from '../../client/channel.ts'
import { enableXds } from '../../client/xds.ts'
import { arrivalTimesMs } from '../../cli/spread/arrivals.ts'
import type { CallEnd } from '../../cli/spread/call-end.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { Load } from '../../cli/spread/load.ts'
import { sendOnSchedule } from '../../cli/spread/send-on-schedule.ts'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { type CallerKind, type CallerReport, type CallersOptions, lateMs, type Trouble } from './loss-callers.ts'

// The process of `startCallers`: says when calls begin to count, calls until it is told to finish, then reports.
const { callers, replicas, rate, jobMs }: CallersOptions = JSON.parse(process.argv[2] ?? '')
const stop = new AbortController()
process.once('message', () => stop.abort())
process.on('disconnect', () => process.exit())

const [, holdService = ''] = HoldServiceService.hold.path.split('/')
/** As client/README.md advises where the peer is of ours. */
const keepaliveMs = 1000

/** A channel of `client/`. It has no way to switch off what grpc-js repeats by itself; there its options are used. */
async function channelOf({ way, target, retries, xdsServer }: CallerKind): Promise<Channel> {
  const xds = xdsServer === undefined ? {} : { xds: { server: xdsServer } }
  if (retries !== 'off') {
    return openChannel(target, { ...xds, keepaliveMs, ...(retries === 'policy' ? { idempotent: [holdService] } : {}) })
  }
  const options =
    way === 'xds'
      ? { ...connectionOptions, ...keepaliveOptions(keepaliveMs), ...(await enableXds(xds.xds)) }
      : channelOptions(target, { keepaliveMs })
  return new Channel(target, credentials.createInsecure(), { ...options, 'grpc.enable_retries': 0 })
}

/** Calls until the signal is aborted; resolves when all of them have ended. */
async function callUntil(signal: AbortSignal, channel: Channel, onCallEnd: (call: CallEnd, load: Load) => void) {
  const work = holdWork({ mix: { [`${jobMs}ms`]: 1 }, seed: 1, compute: false })
  const day = 86_400
  const options = { target: '', work, rate, seconds: day, onCallEnd: (call: CallEnd) => onCallEnd(call, load) }
  const load = new Load(options, [channel], neverAborted)
  const timesMs = arrivalTimesMs({ rate, seconds: day, arrivals: 'even', seed: 1 })
  const { startedAtMs } = load
  await sendOnSchedule({ timesMs, startedAtMs, send: (dueMs) => load.send(dueMs), signal })
  await load.ended()
  return load.tally
}

/** Calls until every replica has answered: connections are made, code is compiled. */
async function warmUp(channel: Channel): Promise<void> {
  const pods = new Set<string>()
  const warm = new AbortController()
  await callUntil(warm.signal, channel, ({ pod }) => {
    if (pod !== undefined) pods.add(pod)
    if (pods.size >= replicas) warm.abort()
  })
}

async function callAndReport(kind: CallerKind, channel: Channel): Promise<CallerReport> {
  const troubles: Trouble[] = []
  const { sent, ok, notSent, latencyUs } = await callUntil(stop.signal, channel, (call, { startedAtMs }) => {
    if (call.code !== status.OK || call.latencyMs > lateMs) troubles.push(troubleOf(call, startedAtMs))
  })
  channel.close()
  return { kind, ended: sent, ok, notSent, p999Ms: latencyUs.getValueAtPercentile(99.9) / 1000, troubles }
}

function troubleOf({ intendedMs, latencyMs, code, details, ...call }: CallEnd, startedAtMs: number): Trouble {
  const sentAtMs = performance.timeOrigin + startedAtMs + intendedMs
  const broken = code === status.INTERNAL || code === status.UNAVAILABLE
  const cut = broken && call.headersSeen && !call.trailersSeen
  return { sentAtMs, endedAtMs: sentAtMs + latencyMs, code, details, cut }
}

const neverAborted = new AbortController().signal
const channels = await Promise.all(callers.map(channelOf))
await Promise.all(channels.map(warmUp))
process.send?.('warm')
const reports = await Promise.all(callers.map((kind, index) => callAndReport(kind, channels[index] as Channel)))
process.send?.(reports, undefined, undefined, () => process.exit())
