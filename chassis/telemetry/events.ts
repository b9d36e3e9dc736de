import type { Meter } from '@opentelemetry/api'
import type { Level, Logger } from 'pino'
import type { InFlight } from '../interceptors/in-flight.ts'
import type { Lifecycle, LifecycleState } from '../lifecycle.ts'
import type { RefusedConnection } from '../listen/refused-connection.ts'
import type { PoolObserver } from '../workers/observer.ts'
import type { WorkerPool } from '../workers/pool.ts'
import { createInstruments, type Instruments } from './instruments.ts'
import { LogBudget } from './log-budget.ts'
import { observeProcess } from './process-metrics.ts'

/** Where events go. Without a meter they are logged only. */
export interface EventsOptions {
  logger: Logger
  meter?: Meter | undefined
}

/** The parts of a replica whose present state is exported; read at the moment that somebody asks. */
export interface Replica {
  lifecycle: Lifecycle
  pool: Pick<WorkerPool, 'workers' | 'busy' | 'waiting'>
  inFlight: Pick<InFlight, 'count'>
  connections: { readonly size: number }
}

/** A replica that answers calls. */
export interface Serving {
  /** Addresses that are listened on, by purpose: `grpc`, `health`, `metrics`. */
  addresses: Record<string, string>
  workers: number
  /** How long the start took. */
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
  /** The drain is over; warns when calls were cut. */
  drained(facts: { cutCalls: number; tookMs: number }): void
  /** What happens to tasks and worker threads. */
  readonly pool: PoolObserver
  /** A connection was closed for what its caller did. Logged a few times a second, counted each time. */
  connectionRefused: (connection: RefusedConnection) => void
  /** Renewed TLS files cannot be taken; the last good ones stay. */
  tlsFault: (problem: Error) => void
  /** A fault outside of any call; the process goes on or not as `fatal` says. */
  fault(facts: { fatal: boolean; cause: unknown }): void
  /** From now on gauges show this replica, and its changes of state are logged. */
  observe(replica: Replica): void
}

/** A misconfiguration has a handful of lines at once; a collector that is away has many. */
const linesPerSecond = 5
/** Errors of exporters hold stacks and answers of collectors; this many characters tell what it is. */
const maxProblemLength = 500

const states: readonly LifecycleState[] = ['starting', 'serving', 'draining', 'stopped']

/** The one place where events are logged and counted. Makes all instruments of the metric table on `meter`. */
export function createEvents({ logger, meter }: EventsOptions): Events {
  const instruments = meter && createInstruments(meter)
  if (meter && instruments) observeProcess(meter, instruments)
  const log = quietly(logger)
  const refusals = new LogBudget(linesPerSecond)
  return {
    instruments,
    serving: (facts) => log('info', 'serving', facts),
    drained: (facts) => log(facts.cutCalls > 0 ? 'warn' : 'info', 'drained', facts),
    pool: {
      ...(instruments && countTasks(instruments)),
      replaced: ({ worker, reason, cause }) => {
        instruments?.workersReplaced.add(1, { 'evenkeel.reason': reason })
        // No fault of anybody's, and as often as callers give up.
        log(reason === 'stopped' ? 'debug' : 'warn', 'worker replaced', { worker, reason, err: cause })
      },
    },
    connectionRefused: (connection) => {
      instruments?.connectionsRefused.add(1, { 'evenkeel.reason': connection.reason })
      const suppressed = refusals.take(connection.reason, performance.now())
      if (suppressed !== undefined) log('warn', 'connection refused', { ...connection, suppressed })
    },
    tlsFault: (problem) => log('error', 'tls files', { problem: problem.message }),
    fault: ({ fatal, cause }) => log(fatal ? 'fatal' : 'error', 'fault', { err: cause }),
    observe: (replica) => {
      if (instruments) observeReplica(instruments, replica)
      replica.lifecycle.follow((state) => {
        if (state === 'draining' || state === 'stopped') log('info', state, { callsInFlight: replica.inFlight.count })
      })
    },
  }
}

function countTasks({ costError, computeWasted, tasksDropped }: Instruments): PoolObserver {
  return {
    finished: (computeMs, expectedMs) => costError.record(computeMs / expectedMs),
    stopped: (wastedMs) => computeWasted.record(wastedMs / 1000),
    dropped: (reason) => tasksDropped.add(1, { 'evenkeel.reason': reason }),
  }
}

function observeReplica(instruments: Instruments, { lifecycle, pool, inFlight, connections }: Replica): void {
  instruments.workers.addCallback((result) => result.observe(pool.workers))
  instruments.workersBusy.addCallback((result) => result.observe(pool.busy))
  instruments.queueWaiting.addCallback((result) => result.observe(pool.waiting))
  instruments.connections.addCallback((result) => result.observe(connections.size))
  instruments.callsInFlight.addCallback((result) => result.observe(inFlight.count))
  instruments.lifecycleState.addCallback((result) => {
    for (const state of states) result.observe(state === lifecycle.state ? 1 : 0, { 'evenkeel.state': state })
  })
}

/**
 * Logs what went wrong with exporting, a few lines a second: a collector that is away is reported at every attempt.
 * Apart from the other events because exports start before there is a meter.
 */
export function logExportProblems(logger: Logger): (problem: unknown) => void {
  const log = quietly(logger)
  const budget = new LogBudget(linesPerSecond)
  return (problem) => {
    const suppressed = budget.take('export', performance.now())
    if (suppressed !== undefined)
      log('warn', 'telemetry export', { problem: String(problem).slice(0, maxProblemLength), suppressed })
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
