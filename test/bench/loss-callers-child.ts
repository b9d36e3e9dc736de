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

// The process of `startCallers`: says when each caller was answered, calls until it is told to finish, then reports.
const { callers, rate, jobMs }: CallersOptions = JSON.parse(process.argv[2] ?? '')
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

interface Calling {
  /** Resolves when a call has been answered. */
  answered: Promise<void>
  report: Promise<CallerReport>
}

function startCalling(kind: CallerKind, channel: Channel): Calling {
  const first = Promise.withResolvers<void>()
  const troubles: Trouble[] = []
  const onCallEnd = (call: CallEnd): void => {
    if (call.code === status.OK) first.resolve()
    if (call.code !== status.OK || call.latencyMs > lateMs) troubles.push(troubleOf(call, load.startedAtMs))
  }
  const work = holdWork({ mix: { [`${jobMs}ms`]: 1 }, seed: 1, compute: false })
  const day = 86_400
  const load = new Load({ target: kind.target, work, rate, seconds: day, onCallEnd }, [channel], neverAborted)
  const run = async (): Promise<CallerReport> => {
    const timesMs = arrivalTimesMs({ rate, seconds: day, arrivals: 'even', seed: 1 })
    const { startedAtMs } = load
    await sendOnSchedule({ timesMs, startedAtMs, send: (dueMs) => load.send(dueMs), signal: stop.signal })
    await load.ended()
    channel.close()
    const { sent, ok, notSent, latencyUs } = load.tally
    return { kind, ended: sent, ok, notSent, p999Ms: latencyUs.getValueAtPercentile(99.9) / 1000, troubles }
  }
  return { answered: first.promise, report: run() }
}

function troubleOf({ intendedMs, latencyMs, code, details, ...call }: CallEnd, startedAtMs: number): Trouble {
  const sentAtMs = performance.timeOrigin + startedAtMs + intendedMs
  const broken = code === status.INTERNAL || code === status.UNAVAILABLE
  const cut = broken && call.headersSeen && !call.trailersSeen
  return { sentAtMs, endedAtMs: sentAtMs + latencyMs, code, details, cut }
}

const neverAborted = new AbortController().signal
const all = await Promise.all(callers.map(async (kind) => startCalling(kind, await channelOf(kind))))
await Promise.all(all.map(({ answered }) => answered))
process.send?.('answered')
const reports = await Promise.all(all.map(({ report }) => report))
process.send?.(reports, undefined, undefined, () => process.exit())
