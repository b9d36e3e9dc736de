import type { BalancingPolicy } from '../../client/balancing/policy.ts'
import type { CommandRun } from '../run-command.ts'
import type { ServiceSite } from '../service-site.ts'
import type { Arrivals } from './arrivals.ts'
import { usageError } from '../command-error.ts'
import { describeLoad } from './describe-load.ts'
import { describedWork } from './described-work.ts'
import { detectService, type KnownService } from './detect-service.ts'
import { healthMethod, healthWork } from './health-work.ts'
import { holdWork } from './hold-work.ts'
import type { IdentifyBy } from './identify-by.ts'
import { mixOf } from './jobs.ts'
import type { Retries } from './open-channels.ts'
import { primesWork } from './primes-work.ts'
import { readMix } from './read-mix.ts'
import { type LoadResult, runLoad } from './run-load.ts'
import { showProgress } from './show-progress.ts'
import type { Summary } from './summarize.ts'
import type { Timeline } from './timeline.ts'
import { type Bounds, judge } from './verdicts.ts'
import type { Work } from './work.ts'

/** The options of `evenkeel spread`. */
export interface SpreadOptions extends Bounds, ServiceSite {
  deadlineMs: number
  json: boolean
  timeline: boolean
  connections: number
  rate: number
  /** Seconds. */
  for: number
  job: string
  mix?: string
  service?: KnownService
  holdCompute: boolean
  call?: string
  data: string
  identifyBy: IdentifyBy
  retries: Retries
  keepaliveMs?: number
  balance: BalancingPolicy | 'pick_first'
  arrivals: Arrivals
  seed: number
}

/**
 * Loads a service, prints who answered, and resolves to 1 when a bound was broken. What was measured is printed in any case.
 * `terminal` shows the progress.
 */
export async function spread(
  options: SpreadOptions,
  { signal, out, note }: CommandRun,
  terminal: NodeJS.WriteStream,
): Promise<number> {
  if (options.timeline && !options.json) throw usageError('--timeline: is a part of --json; give both')
  const work = await workOf(options, signal)
  const result = await measure(options, { work, signal, terminal })
  const verdicts = judge(result.summary, options)
  const lines = verdicts.map(({ kept, text }) => `${kept ? 'kept' : 'BROKEN'}: ${text}`)
  if (options.json) {
    for (const line of lines) note(line)
    await out.write(jsonOf(options.timeline ? { ...result.summary, timeline: result.timeline } : result.summary))
  } else await out.write([describeLoad(result, options), ...lines].join('\n'))
  return verdicts.every(({ kept }) => kept) ? 0 : 1
}

interface Measure {
  work: Work
  signal: AbortSignal
  terminal: NodeJS.WriteStream
}

/** The bar is gone before anything is printed. */
async function measure(options: SpreadOptions, { work, signal, terminal }: Measure): Promise<LoadResult> {
  using view = showProgress(terminal)
  const { for: seconds, expectPods: podsExpected, balance } = options
  const callerBalancing = balance === 'pick_first' ? undefined : balance
  return await runLoad({ ...options, work, seconds, podsExpected, callerBalancing, signal, onProgress: view.update })
}

async function workOf(options: SpreadOptions, signal: AbortSignal): Promise<Work> {
  const { target, security, call, data, seed, holdCompute: compute } = options
  if (call === healthMethod) return healthWork(data)
  if (call !== undefined) return describedWork({ target, security, call, data })
  const mix = options.mix === undefined ? mixOf(options.job) : await readMix(options.mix)
  const service = options.service ?? (await detectService({ target, security }, signal))
  return service === 'hold' ? holdWork({ mix, seed, compute }) : primesWork({ mix, seed })
}

/** JSON has no infinity: it is written as protobuf-JSON does, as the text "Infinity". */
function jsonOf(summary: Summary & { timeline?: Timeline }): string {
  return JSON.stringify(summary, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value))
}
