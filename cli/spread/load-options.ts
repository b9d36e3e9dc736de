import type { BalancingPolicy } from '../../client/balancing/policy.ts'
import type { ServiceSite } from '../service-site.ts'
import type { Arrivals } from './arrivals.ts'
import type { CallEnd } from './call-end.ts'
import type { IdentifyBy } from './identify-by.ts'
import type { Retries } from './open-channels.ts'
import type { Work } from './work.ts'

/** What is sent where, and how fast. */
export interface LoadOptions extends ServiceSite {
  work: Work
  /** Calls per second over all connections, which take turns. */
  rate: number
  seconds: number
  /** Default 1. */
  connections?: number
  /** Default `transparent`. */
  retries?: Retries
  /** Under `policy`: whether calls that a full replica refused are sent again; default true. */
  repeatRefused?: boolean
  /** How often a silent peer is asked whether it is there, in ms; default 60 000. */
  keepaliveMs?: number | undefined
  /** Balancing in the channel itself, over the addresses of the target; default: none. */
  callerBalancing?: BalancingPolicy | undefined
  /** The control plane of an `xds:` target; by default the environment names it. */
  xdsServer?: string | undefined
  /** Time of each call in milliseconds, from when it is sent; default 10 000. */
  deadlineMs?: number
  /** Default `even`. */
  arrivals?: Arrivals
  /** Of random arrivals; default 1. */
  seed?: number
  /** Headers of each call; default none. */
  headers?: Readonly<Record<string, string>>
  /** Default: the trailer `evenkeel-pod`. */
  identifyBy?: IdentifyBy
  podsExpected?: number | undefined
  /** Calls in flight beyond which a call is not sent but counted in `notSent`; default 20 000. */
  maxInFlight?: number
  /** Ends the load; calls in flight are cancelled and not counted. */
  signal?: AbortSignal
  /** Called four times a second. */
  onProgress?: (progress: LoadProgress) => void
  /** Called for each call as it ends; must be quick and must not keep the object. */
  onCallEnd?: (call: CallEnd) => void
}

/** How far a load has come. */
export interface LoadProgress {
  elapsedMs: number
  totalMs: number
  sent: number
  inFlight: number
}
