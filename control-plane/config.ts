import { hostname } from 'node:os'
import { z } from 'zod'
import { foreignOptions, serviceOptions } from '../chassis/config.ts'
import { tlsContradictions, tlsOptions } from '../chassis/listen/tls-settings.ts'
import {
  choice,
  headerText,
  integer,
  type OptionSources,
  type OptionTable,
  readOptions,
  text,
  toggle,
  type ValuesOf,
} from '../chassis/options.ts'
import { balancingPolicies } from './resources/balancing.ts'
import { sourceFrom } from './sources/from-name.ts'
import { mergeSources } from './sources/merge-sources.ts'
import type { Source } from './sources/source.ts'

/** One or more sources with commas between them. */
const sources = z.string().transform((given, context): Source => {
  try {
    return mergeSources(given.split(',').map((each) => sourceFrom(each.trim())))
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

/** Every setting of the control plane. The README's table is compared with this one. */
export const controlPlaneOptions = {
  source: {
    read: sources,
    default: 'file:endpoints.yaml',
    about:
      'Where endpoints come from: `file:PATH`, `dns:NAME:PORT`, `kubernetes:[NAMESPACE/]SERVICE[:PORT]`; several with commas',
  },
  host: { read: text(), default: '127.0.0.1', about: 'Address that all ports listen on; images set 0.0.0.0' },
  port: {
    read: integer(0, 65_535),
    default: '18000',
    about: 'Port of ADS, health and client status; 0 takes any free one',
  },
  metricsPort: {
    read: integer(0, 65_535, 'off'),
    default: '18001',
    about: 'Port of Prometheus metrics; `off` for none, 0 takes any free one',
  },
  healthPort: {
    read: integer(0, 65_535),
    default: '18002',
    about: 'Port that answers health checks only, without TLS; 0 takes any free one',
  },
  balancing: {
    read: choice(...balancingPolicies),
    default: 'least_request_full_scan',
    about: 'How callers without a proxy pick an endpoint',
  },
  zones: {
    read: choice('ignore', 'prefer'),
    default: 'ignore',
    about: '`prefer` tells each subscriber the endpoints of its own zone first',
  },
  idempotent: {
    read: toggle(),
    default: 'false',
    about: 'Callers without a proxy may repeat calls that a crashed replica held',
  },
  ...tlsOptions('subscribers'),
  maxSubscribers: { read: integer(1, 100_000), default: '5000', about: 'Streams open at once; more are refused' },
  drainTimeoutMs: {
    read: integer(0, 600_000),
    default: '5000',
    about: 'How long subscribers may take to leave after SIGTERM, in ms',
  },
  podName: { read: headerText(), default: hostname(), about: 'Name of this instance in logs and metrics' },
  logLevel: {
    read: choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    default: 'info',
    about: 'Least severe log line that is written',
  },
} as const satisfies OptionTable

/** The checked settings of the control plane. */
export type ControlPlaneConfig = ValuesOf<typeof controlPlaneOptions>

/** Flags and environment as a frozen, checked configuration. Throws a `ConfigError` that lists all problems at once. */
export function readControlPlaneConfig(given: OptionSources): ControlPlaneConfig {
  return readOptions(controlPlaneOptions, { foreign, ...given }, tlsContradictions)
}

/** A replica's settings may stand in the same environment, as one file of variables for all. */
const foreign = [...Object.keys(serviceOptions), ...foreignOptions]
