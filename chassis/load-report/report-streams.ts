import type { Server, ServerWritableStream } from '@grpc/grpc-js'
import type { Duration } from '../../gen/xds/google/protobuf/duration.ts'
import { type OrcaLoadReportRequest, OpenRcaServiceService } from '../../gen/xds/xds/service/orca/v3/orca.ts'
import { CallError } from '../errors.ts'
import { callOf } from '../interceptors/intercept.ts'
import type { LoadMeter } from './load-meter.ts'

/** Of callers that ask for none, as grpc-js and grpc-go have it, in ms. */
const defaultIntervalMs = 30_000
/** Callers may ask for less, and get this, in ms. */
const minIntervalMs = 1000

/** What all streams together cost at each measuring: 20 reports in 100 ms are 200 a second, whoever asks how often. */
const writtenAtOnce = 20
const lookedAtAtOnce = 500

/** A caller that gets reports. */
interface Stream {
  call: ServerWritableStream<OrcaLoadReportRequest, Buffer>
  intervalMs: number
  /** When the next report is due, by the clock of `performance.now()`. */
  dueMs: number
}

/**
 * xds.service.orca.v3.OpenRcaService: reports of load beside the calls (gRFC A51), the first one at once. All streams share one
 * timer and a bounded number of reports a second: with very many each gets its report later. A stream whose caller
 * does not read is passed over. When `leaving` aborts they end with UNAVAILABLE, to be opened elsewhere.
 */
export function createReportStreams(meter: LoadMeter, leaving: AbortSignal): { addToServer(server: Server): void } {
  const streams = new Set<Stream>()
  let round = streams.values()
  let following: Disposable | undefined
  const next = (): Stream | undefined => {
    const { value } = round.next()
    if (value !== undefined) return value
    round = streams.values()
    return round.next().value
  }
  const write = (nowMs: number): void => {
    const looks = Math.min(streams.size, lookedAtAtOnce)
    for (let looked = 0, written = 0; looked < looks && written < writtenAtOnce; looked += 1) {
      const stream = next()
      if (stream === undefined || nowMs < stream.dueMs) continue
      stream.dueMs = nowMs + stream.intervalMs
      if (stream.call.writableLength > 0) continue
      stream.call.write(meter.bytes)
      written += 1
    }
  }
  const open = (call: Stream['call']): void => {
    if (leaving.aborted) return end(call)
    following ??= meter.follow(write)
    const intervalMs = intervalOf(call.request.reportInterval)
    const stream = { call, intervalMs, dueMs: performance.now() + intervalMs }
    streams.add(stream)
    call.on('cancelled', () => {
      streams.delete(stream)
      if (streams.size > 0) return
      following?.[Symbol.dispose]()
      following = undefined
    })
    call.write(meter.bytes)
  }
  leaving.addEventListener('abort', () => [...streams].forEach(({ call }) => end(call)), { once: true })
  const { streamCoreMetrics } = OpenRcaServiceService
  // One encoded report serves all.
  const definition = { streamCoreMetrics: { ...streamCoreMetrics, responseSerialize: (bytes: Buffer) => bytes } }
  return { addToServer: (server) => server.addService(definition, { streamCoreMetrics: open }) }
}

function end({ metadata }: Stream['call']): void {
  callOf(metadata).fail(new CallError('draining', 'this replica is leaving; another one has reports to go on with'))
}

/** What a caller asked for, in milliseconds, or the bound. */
function intervalOf(asked: Duration | undefined): number {
  if (asked === undefined) return defaultIntervalMs
  return Math.max(minIntervalMs, Number(asked.seconds) * 1000 + asked.nanos / 1e6)
}
