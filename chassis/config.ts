import { hostname } from 'node:os'
import { tlsContradictions, tlsOptions } from './listen/tls-settings.ts'
import {
  choice,
  flagOf,
  headerText,
  integer,
  type Option,
  type OptionSources,
  type OptionTable,
  readOptions,
  text,
  toggle,
  type ValuesOf,
} from './options.ts'

const port = (about: string, value: string): Option<number> => ({ read: integer(0, 65_535), default: value, about })

/** Every setting of a replica. The README's table is compared with this one. */
export const serviceOptions = {
  host: { read: text(), default: '127.0.0.1', about: 'Address that all ports listen on; images set 0.0.0.0' },
  port: port('Port of the service; 0 takes any free one', '50051'),
  healthPort: port('Port that answers health checks only; 0 takes any free one', '50052'),
  metricsPort: {
    read: integer(0, 65_535, 'off'),
    default: '9464',
    about: 'Port of Prometheus metrics; `off` for none, 0 takes any free one',
  },
  // Of the port of the service only: probes and Prometheus bring none.
  ...tlsOptions('callers'),
  workers: {
    read: integer(1, 512, 'auto'),
    default: 'auto',
    about: 'Worker threads; `auto` takes the CPUs that the cgroup allows',
  },
  queueLimit: {
    read: integer(0, 1_000_000),
    default: '128',
    about: 'Calls that may wait for a worker; more are refused at once',
  },
  delayTargetMs: {
    read: integer(0, 60_000),
    default: '30',
    about:
      'Wait for a worker that a call is admitted with, by expectation, in ms; more in bursts and for long and batch calls. 0: only the queue limit counts',
  },
  batchSharePercent: {
    read: integer(1, 50),
    default: '10',
    about: "Part of the workers' time that batch calls keep while interactive ones wait, in percent",
  },
  defaultDeadlineMs: {
    read: integer(1, 86_400_000),
    default: '10000',
    about: 'Deadline of calls that bring none, in ms',
  },
  maxDeadlineMs: { read: integer(1, 86_400_000), default: '30000', about: 'Longest deadline that is granted, in ms' },
  drainDelayMs: {
    read: integer(0, 600_000),
    default: '5000',
    about: 'How long new calls are still taken after SIGTERM, until balancers have noticed, in ms',
  },
  drainTimeoutMs: {
    read: integer(0, 3_600_000),
    default: '40000',
    about: 'When the drain ends by force, in ms after SIGTERM; keep it below the grace period of the pod',
  },
  maxMessageBytes: { read: integer(1, 16_777_216), default: '65536', about: 'Largest request message, in bytes' },
  maxHeaderBytes: {
    read: integer(1024, 1_048_576),
    default: '16384',
    about: 'Largest header block of a request, in bytes',
  },
  maxConcurrentStreams: { read: integer(1, 1_000_000), default: '1000', about: 'Calls open at once on one connection' },
  maxSessionMemoryMb: { read: integer(1, 4096), default: '64', about: 'Memory that one connection may hold, in MB' },
  maxConnections: {
    read: integer(1, 1_000_000),
    default: '1000',
    about: 'Connections open at once on each port; more are closed at accept',
  },
  keepaliveMs: {
    read: integer(1, 86_400_000),
    default: '60000',
    about: 'How often a peer is asked by PING whether it is still there, in ms',
  },
  keepaliveTimeoutMs: {
    read: integer(1, 86_400_000),
    default: '20000',
    about: 'Without an answer to PING for so long a connection is cut, with its calls, in ms',
  },
  reflection: { read: toggle(), default: 'false', about: 'Serve grpc.reflection.v1 and v1alpha' },
  servedBy: { read: toggle(), default: 'true', about: 'Say in trailers which pod, process and worker answered' },
  loadTrailer: {
    read: toggle(),
    default: 'false',
    about: 'Say in the trailer `endpoint-load-metrics-bin` (ORCA) how loaded the replica is',
  },
  podName: { read: headerText(), default: hostname(), about: 'Name of this replica in trailers, logs and metrics' },
  processName: { read: headerText(), default: '0', about: 'Name of this process within the pod' },
  logLevel: {
    read: choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    about: 'Least severe log line that is written',
  },
  accessLog: { read: choice('off', 'errors', 'all'), default: 'errors', about: 'Which calls are logged' },
} as const satisfies OptionTable

/** The checked settings of a replica. */
export type Config = ValuesOf<typeof serviceOptions>

/** Names of the settings of other commands, whose variables may stand in a replica's environment. */
export const foreignOptions = [
  'target',
  'xdsServer',
  'workload',
  // Of the control plane.
  'source',
  'balancing',
  'zones',
  'idempotent',
  'maxSubscribers',
  // Of callers.
  'tlsAuthorities',
  'tlsServerName',
] as const

/** Flags and environment as a frozen, checked `Config`. Throws a `ConfigError` that lists all problems at once. */
export function readConfig(sources: OptionSources): Config {
  return readOptions(serviceOptions, { foreign: foreignOptions, ...sources }, contradictions)
}

function contradictions(config: Config): string[] {
  const problems = tlsContradictions(config)
  const ordered = (smaller: 'defaultDeadlineMs' | 'drainDelayMs', larger: 'maxDeadlineMs' | 'drainTimeoutMs'): void => {
    if (config[smaller] <= config[larger]) return
    problems.push(`${flagOf(smaller)}=${config[smaller]}: must not be above ${flagOf(larger)}=${config[larger]}`)
  }
  ordered('defaultDeadlineMs', 'maxDeadlineMs')
  ordered('drainDelayMs', 'drainTimeoutMs')
  return problems
}
