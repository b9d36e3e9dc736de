import type { Meter } from '@opentelemetry/api'
import type { Level, Logger } from 'pino'
import type { Lifecycle, LifecycleState } from '../lifecycle.ts'
import { createInstruments, type Instruments } from './instruments.ts'
import { LogBudget } from './log-budget.ts'
import { observeProcess } from './process-metrics.ts'

/** Where events go. Without a meter they are logged only. */
export interface EventsOptions {
  logger: Logger
  meter?: Meter | undefined
}

/** What gauges read at the moment that somebody asks. */
export interface Readings {
  /** Worker threads that can take tasks. */
  workers(): number
  /** Worker threads that compute. */
  busy(): number
  /** Tasks in the queue. */
  waiting(): number
  /** Calls of the workload that are not over. */
  inFlight(): number
}

/**
 * Why a worker thread was replaced.
 *
 * - `died`: it threw, ran out of memory or left by itself.
 * - `deaf`: its call was stopped and it went on computing.
 */
export type ReplacementReason = 'died' | 'deaf'

/** A replica that answers calls. */
export interface Serving {
  /** Addresses that are listened on, by purpose: `grpc`, `health`, `metrics`. */
  addresses: Record<string, string>
  workers: number
  /** From the start of the process to this moment. */
  startMs: number
}

/**
 * Everything that is worth a log line, and the counters that go with it; calls have the access log and the call metrics.
 * No function throws, blocks or returns anything.
 */
export interface Events {
  /** Instruments for the metrics interceptor; undefined when nothing is exported. */
  readonly instruments: Instruments | undefined
  /** The replica answers calls. */
  serving(facts: Serving): void
  /** The replica was told to leave. */
  draining(facts: { signal: string; inFlight: number }): void
  /** The last call is over. */
  drained(facts: { drainMs: number }): void
  /** The drain took too long: what still ran was ended. */
  drainCutShort(facts: { drainMs: number; ended: number }): void
  /** Nothing runs or listens any more; the last line of a process. */
  stopped(facts: { exitCode: number }): void
  /** A second signal while draining: what still runs is ended at once. */
  hurried(facts: { signal: string }): void
  /** A worker thread died or was ended, and another one takes its place. */
  workerReplaced(facts: { worker: number; reason: ReplacementReason; cause?: unknown }): void
  /** A fault outside of any call; the process goes on or not as `fatal` says. */
  fault(facts: { fatal: boolean; cause: unknown }): void
  /** A collector was away or refused what it got. Logged at most once a second. */
  exportFailed(facts: { message: string }): void
  /** Gauges follow these readings from now on. */
  observe(readings: Readings): void
  /** The gauge of states follows this lifecycle from now on. */
  follow(lifecycle: Lifecycle): void
}

const states: readonly LifecycleState[] = ['starting', 'serving', 'draining', 'stopped']

/** The one place where events are logged and counted. Makes all instruments of the metric table on `meter`. */
export function createEvents({ logger, meter }: EventsOptions): Events {
  const instruments = meter && createInstruments(meter)
  if (meter && instruments) observeProcess(meter, instruments)
  const log = quietly(logger)
  const exportFailures = new LogBudget(1)
  return {
    instruments,
    serving: (facts) => log('info', 'serving', facts),
    draining: (facts) => log('info', 'draining', facts),
    drained: (facts) => log('info', 'drained', facts),
    drainCutShort: (facts) => log('warn', 'drain cut short', facts),
    stopped: (facts) => log('info', 'stopped', facts),
    hurried: (facts) => log('warn', 'second signal, ending now', facts),
    workerReplaced: ({ worker, reason, cause }) => {
      instruments?.workersReplaced.add(1, { 'evenkeel.reason': reason })
      log('warn', 'worker replaced', { worker, reason, err: cause })
    },
    fault: ({ fatal, cause }) => log(fatal ? 'fatal' : 'error', 'fault', { err: cause }),
    exportFailed: ({ message }) => {
      const suppressed = exportFailures.take('export', performance.now())
      if (suppressed !== undefined) log('warn', 'telemetry export failed', { reason: message, suppressed })
    },
    observe: (readings) => {
      instruments?.workers.addCallback((result) => result.observe(readings.workers()))
      instruments?.workersBusy.addCallback((result) => result.observe(readings.busy()))
      instruments?.queueWaiting.addCallback((result) => result.observe(readings.waiting()))
      instruments?.callsInFlight.addCallback((result) => result.observe(readings.inFlight()))
    },
    follow: (lifecycle) => {
      instruments?.lifecycleState.addCallback((result) => {
        for (const state of states) result.observe(state === lifecycle.state ? 1 : 0, { 'evenkeel.state': state })
      })
    },
  }
}

/** Logs, and drops the line when the sink throws: telemetry never ends what it reports on. */
function quietly(logger: Logger): (level: Level, message: string, fields: object) => void {
  return (level, message, fields) => {
    try {
      logger[level](fields, message)
    } catch {
      // Nobody is left to tell.
    }
  }
}
