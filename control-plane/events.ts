import type { Meter } from '@opentelemetry/api'
import type { Level, Logger } from 'pino'
import { createInstrumentsOf, type InstrumentsOf } from '../chassis/telemetry/instruments.ts'
import { LogBudget } from '../chassis/telemetry/log-budget.ts'
import { observeProcess } from '../chassis/telemetry/process-metrics.ts'
import type { AdsObserver, AdsServer } from './ads/ads-server.ts'
import { controlPlaneMetrics } from './metric-table.ts'
import { publishOrder } from './resources/resource.ts'
import type { Snapshot } from './snapshot.ts'
import type { EndpointState } from './sources/source.ts'

/** Where events go. Without a meter they are logged only. */
export interface EventsOptions {
  logger: Logger
  meter: Meter | undefined
}

/** Everything that is worth a log line, and the counters that go with it. No function throws, blocks or returns a failure. */
export interface ControlPlaneEvents extends AdsObserver {
  /** The instance answers subscribers. */
  serving(facts: { ports: object; source: string; startMs: number }): void
  /** A changed state goes out to `subscribers` streams. */
  published(snapshot: Snapshot, subscribers: number): void
  sourceFault(problem: Error): void
  sourceRecovered(): void
  /** What the source told cannot be published; what was published last stays. */
  publishFailed(problem: Error): void
  /** Renewed TLS files cannot be taken; the last good ones stay. */
  tlsFault: (problem: Error) => void
  draining(subscribers: number): void
  /** From now on gauges show this instance. */
  observe(ads: AdsServer): void
}

/** A subscriber that connects without end, or refuses everything, must not fill the log. */
const linesPerSecondAndKind = 5

const states: readonly EndpointState[] = ['ready', 'terminating', 'unready']

/** The one place where the control plane's events are logged and counted. */
export function createControlPlaneEvents({ logger, meter }: EventsOptions): ControlPlaneEvents {
  const instruments = meter && createInstrumentsOf(meter, controlPlaneMetrics)
  if (meter && instruments) observeProcess(meter, instruments)
  const budget = new LogBudget(linesPerSecondAndKind)
  let newest: Snapshot | undefined
  let failing = false
  const log = (level: Level, message: string, fields: object): void => {
    const suppressed = budget.take(message, performance.now())
    if (suppressed !== undefined) logger[level](suppressed > 0 ? { ...fields, suppressed } : fields, message)
  }
  return {
    serving: (facts) => log('info', 'serving', facts),
    published: (snapshot, subscribers) => {
      newest = snapshot
      instruments?.snapshots.add(1)
      log('info', 'published', { endpoints: readyByService(snapshot), subscribers })
    },
    publishFailed: (problem) => log('error', 'not published', { problem: problem.message }),
    sourceFault: (problem) => {
      failing = true
      instruments?.sourceFaults.add(1)
      log('warn', 'source failing', { problem: problem.message })
    },
    sourceRecovered: () => {
      failing = false
      log('info', 'source recovered', {})
    },
    tlsFault: (problem) => log('error', 'tls files', { problem: problem.message }),
    draining: (subscribers) => log('info', 'draining', { subscribers }),
    began: (stream) => {
      log('debug', 'subscribed', { protocol: stream.protocol, peer: stream.peer })
      return {
        sent: ({ type, bytes }) => {
          instruments?.responses.add(1, { 'evenkeel.xds.type': type })
          instruments?.responseBytes.add(bytes.byteLength, { 'evenkeel.xds.type': type })
        },
        acknowledged: ({ type }, tookMs) => {
          instruments?.acknowledged.add(1, { 'evenkeel.xds.type': type })
          instruments?.pushTime.record(tookMs / 1000, { 'evenkeel.xds.type': type })
        },
        rejected: ({ type, version }, reason, node) => {
          instruments?.rejected.add(1, { 'evenkeel.xds.type': type })
          log('warn', 'rejected', { type, version, node: node.slice(0, 200), peer: stream.peer, reason })
        },
        unknownType: (typeUrl) => log('warn', 'unknown type', { typeUrl: typeUrl.slice(0, 200), peer: stream.peer }),
      }
    },
    ended: ({ protocol, peer }) => log('debug', 'unsubscribed', { protocol, peer }),
    failed: (peer, reason) => {
      instruments?.streamsFailed.add(1)
      log('warn', 'stream failed', { peer, reason })
    },
    observe: (ads) => {
      if (instruments) observeInstance(instruments, { ads, newest: () => newest, failing: () => failing })
    },
  }
}

/** What gauges read when somebody asks. */
interface Instance {
  ads: AdsServer
  newest: () => Snapshot | undefined
  failing: () => boolean
}

function observeInstance(
  instruments: InstrumentsOf<typeof controlPlaneMetrics>,
  { ads, newest, failing }: Instance,
): void {
  instruments.subscribers.addCallback((result) => {
    for (const protocol of ['state_of_the_world', 'delta'] as const) {
      const open = ads.streams.filter((stream) => stream.protocol === protocol)
      result.observe(open.length, { 'evenkeel.xds.protocol': protocol })
    }
  })
  instruments.behind.addCallback((result) => {
    const types = ads.streams.flatMap((stream) => stream.types)
    for (const type of publishOrder) {
      const behind = types.filter((state) => state.type === type && state.acknowledgedVersion !== state.sentVersion)
      result.observe(behind.length, { 'evenkeel.xds.type': type })
    }
  })
  instruments.endpoints.addCallback((result) => {
    for (const [service, endpoints] of newest()?.services ?? []) {
      for (const state of states) {
        const count = endpoints.filter((endpoint) => endpoint.state === state).length
        result.observe(count, { 'evenkeel.service': service, 'evenkeel.endpoint.state': state })
      }
    }
  })
  instruments.sourceFailing.addCallback((result) => result.observe(failing() ? 1 : 0))
}

/** Ready endpoints of at most ten services: a line is for people. */
function readyByService({ services }: Snapshot): Record<string, number> {
  const first = [...services].slice(0, 10)
  return Object.fromEntries(first.map(([name, all]) => [name, all.filter(({ state }) => state === 'ready').length]))
}
