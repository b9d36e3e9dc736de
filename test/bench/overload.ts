import { setTimeout as delay } from 'node:timers/promises'
import { type Callers, openCallers } from './overload-callers.ts'
import {
  type Ended,
  goodput,
  type JobLoad,
  jobMs,
  p99Of,
  type Replica,
  type Sent,
  sendJobs,
  startOverloaded,
} from './overload-load.ts'
import { probeHealth } from './overload-probe.ts'
import { retryRows } from './overload-retries.ts'
import { spikeRow } from './overload-spike.ts'
import { type Row, shown } from './row.ts'

/** How long each load lasts, and how often progress is told. */
export interface OverloadOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

/** The same limit for what is compared: as many jobs as fit the deadline of a call. */
const places = '--queue-limit=20'
/** Three ways to admit, by their settings. */
const ways = {
  'delay target': [places],
  'queue of 20': ['--delay-target-ms=0', places],
  'unbounded queue': ['--delay-target-ms=0', '--queue-limit=1000000'],
} as const satisfies Record<string, readonly string[]>
/** Offered load over capacity, each with the part of capacity that is aimed at. */
const factors = [
  [0.8, null],
  [2, 0.95],
  [5, 0.93],
  [10, 0.9],
] as const
const ours = 'delay target'
/** Of each load, the start that does not count: costs are learned, connections are made. */
const warmUpMs = 1000

/**
 * A replica of one worker on its own core, jobs of 10 ms of computing, deadlines of 200 ms, more calls than it can answer: how many it
 * answers in time beside two other queues, what refused ones wait, how soon a spike is over, and who else notices.
 */
export async function overloadBench({ seconds = 8, onProgress }: OverloadOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  const total = 3 * factors.length + 4
  let done = 0
  const tell = (): void => onProgress?.((done += 1), total)
  const capacity = await measureCapacity()
  rows.push({
    name: `capacity, jobs of ${jobMs} ms one after the other`,
    value: capacity,
    unit: 'calls/s',
    aim: null,
    peer: null,
  })
  for (const [way, settings] of Object.entries(ways)) {
    await using replica = await startOverloaded(...settings)
    await using callers = await openCallers(replica.target)
    for (const [factor, aim] of factors) {
      const sent = await sendJobs(callers, { rate: factor * capacity, seconds })
      rows.push(...goodputRows(sent, { way, factor, aim, capacity, seconds }))
      await delay(500)
      tell()
    }
  }
  await using replica = await startOverloaded(places)
  await using callers = await openCallers(replica.target)
  rows.push(...(await probeRows(replica, callers, { rate: 10 * capacity, seconds })))
  tell()
  rows.push(...(await classRows(callers, capacity, 3 * seconds)))
  tell()
  rows.push(...(await retryRows(replica.target, capacity, seconds)))
  tell()
  rows.push(await spikeRow(callers, capacity))
  tell()
  return rows
}

/** Calls a second with two always under way, so that the worker never waits for one. */
async function measureCapacity(): Promise<number> {
  await using replica = await startOverloaded('--delay-target-ms=0', '--queue-limit=10000')
  await using callers = await openCallers(replica.target)
  const { calls } = await sendJobs(callers, { rate: 2000 / jobMs, seconds: 4, deadlineMs: 20_000 })
  const ends = calls
    .filter(({ end }) => end === 'ok')
    .map(({ intendedMs, latencyMs }) => intendedMs + latencyMs)
    .toSorted((a, b) => a - b)
  return ((ends.length - 1) * 1000) / ((ends.at(-1) as number) - (ends[0] as number))
}

interface Run {
  way: string
  factor: number
  aim: number | null
  capacity: number
  seconds: number
}

function goodputRows({ calls: all, ownDelayMs }: Sent, { way, factor, aim, capacity, seconds }: Run): Row[] {
  const calls = all.filter(({ intendedMs }) => intendedMs >= warmUpMs)
  const value = goodput(calls, warmUpMs, seconds * 1000) / capacity
  const name = `${factor} × capacity, ${way}`
  const counts = `${calls.length} calls: ${(['ok', 'held', 'full', 'late', 'lost'] as const).map((end) => `${calls.filter((call) => call.end === end).length} ${end}`).join(', ')}`
  const row: Row = {
    name: `${name}: answered in time, of capacity`,
    value,
    unit: 'ratio',
    aim: way === ours ? aim : null,
    peer: counts,
  }
  if (way !== ours) return [row]
  const ms = (what: string, end: Ended['end'], bound: number | null): Row[] => {
    const p99 = p99Of(calls, end)
    return Number.isNaN(p99)
      ? []
      : [{ name: `${name}: p99 of ${what}`, value: p99, unit: 'ms', aim: bound, peer: ownDelay(ownDelayMs) }]
  }
  return [
    row,
    ...ms('answers', 'ok', factor > 1 ? 60 : null),
    ...ms('refusals at the in-flight limit', 'full', 20),
    ...ms('refusals held back for 30 ms', 'held', null),
  ]
}

/** How much of a p99 may be the caller's own. */
function ownDelay(ms: number): string {
  return `p99 of how late the callers were themselves: ${shown(ms)} ms`
}

async function probeRows({ target, healthTarget }: Replica, callers: Callers, load: JobLoad): Promise<Row[]> {
  const { seconds } = load
  const sent = sendJobs(callers, load)
  const [onHealthPort, onServicePort] = await Promise.all([
    probeHealth(healthTarget, seconds),
    probeHealth(target, seconds),
  ])
  await sent
  const row = (where: string, { p99Ms, ownDelayMs }: typeof onHealthPort): Row => ({
    name: `10 × capacity: p99 of health checks on the ${where} port`,
    value: p99Ms,
    unit: 'ms',
    aim: 50,
    peer: ownDelay(ownDelayMs),
  })
  return [row('health', onHealthPort), row('service', onServicePort)]
}

/**
 * Half of the capacity is asked for by interactive calls, twelve times of it by batch calls; of 20 ms each, for twelve times as many
 * of 10 ms would have the callers and the gRPC thread fill the core that they share.
 */
async function classRows(callers: Callers, jobsOf10Ms: number, seconds: number): Promise<Row[]> {
  const ms = 20
  const capacity = (jobsOf10Ms * jobMs) / ms
  const headers = { 'evenkeel-criticality': 'batch' }
  const batch = sendJobs(callers, { rate: 12 * capacity, ms, seconds: seconds + 1, headers, seed: 2 })
  const interactive = await sendJobs(callers, { rate: 0.5 * capacity, ms, seconds })
  const counted = interactive.calls.filter(({ intendedMs }) => intendedMs >= warmUpMs)
  const share = (end: Ended['end']): number =>
    (100 * counted.filter((call) => call.end === end).length) / counted.length
  const missing = (['held', 'full', 'late', 'lost'] as const).map((end) => `${share(end).toFixed(2)} % ${end}`)
  const batchPart = goodput((await batch).calls, warmUpMs, seconds * 1000) / capacity
  return [
    {
      name: 'interactive at half of capacity, batch at 12 ×: interactive calls served',
      value: share('ok'),
      unit: '%',
      aim: 99.4,
      peer: `${missing.join(', ')}; p99 ${p99Of(counted, 'ok').toFixed(0)} ms; batch at ${batchPart.toFixed(2)} of capacity`,
    },
  ]
}
