import { setTimeout as delay } from 'node:timers/promises'
import { type Ended, goodput, jobMs, p99Of, type Replica, sendJobs, startOverloaded } from './overload-load.ts'
import { healthP99Ms } from './overload-probe.ts'
import { quantile, type Row } from './row.ts'

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
    for (const [factor, aim] of factors) {
      const all = await sendJobs(replica.target, { rate: Math.round(factor * capacity), seconds })
      const calls = all.filter(({ intendedMs }) => intendedMs >= warmUpMs)
      rows.push(...goodputRows(calls, { way, factor, aim, capacity, seconds }))
      await delay(500)
      tell()
    }
  }
  await using replica = await startOverloaded(places)
  rows.push(...(await probeRows(replica, capacity, seconds)))
  tell()
  rows.push(...(await classRows(replica, capacity, 3 * seconds)))
  tell()
  rows.push(...(await retryRows(replica, capacity, seconds)))
  tell()
  rows.push(...(await spikeRows(replica, capacity)))
  tell()
  return rows
}

/** Calls a second with two always under way, so that the worker never waits for one. */
async function measureCapacity(): Promise<number> {
  await using replica = await startOverloaded('--delay-target-ms=0', '--queue-limit=10000')
  const calls = await sendJobs(replica.target, { rate: 2000 / jobMs, seconds: 4, deadlineMs: 20_000 })
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

function goodputRows(calls: readonly Ended[], { way, factor, aim, capacity, seconds }: Run): Row[] {
  const value = goodput(calls, warmUpMs, seconds * 1000) / capacity
  const name = `${factor} × capacity, ${way}`
  const counts = `${calls.length} calls: ${(['ok', 'held', 'full', 'lost'] as const).map((end) => `${calls.filter((call) => call.end === end).length} ${end}`).join(', ')}`
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
      : [{ name: `${name}: p99 of ${what}`, value: p99, unit: 'ms', aim: bound, peer: null }]
  }
  return [
    row,
    ...ms('answers', 'ok', factor > 1 ? 60 : null),
    ...ms('refusals at the in-flight limit', 'full', 20),
    ...ms('refusals held back for 30 ms', 'held', null),
  ]
}

async function probeRows({ target, healthTarget }: Replica, capacity: number, seconds: number): Promise<Row[]> {
  const load = sendJobs(target, { rate: 10 * capacity, seconds })
  const [onHealthPort, onServicePort] = await Promise.all([
    healthP99Ms(healthTarget, seconds),
    healthP99Ms(target, seconds),
  ])
  await load
  const row = (where: string, value: number): Row => ({
    name: `10 × capacity: p99 of health checks on the ${where} port`,
    value,
    unit: 'ms',
    aim: 50,
    peer: null,
  })
  return [row('health', onHealthPort), row('service', onServicePort)]
}

/**
 * Half of the capacity is asked for by interactive calls, twelve times of it by batch calls; of 20 ms each, for twelve times as many
 * of 10 ms would have the callers and the gRPC thread fill the core that they share.
 */
async function classRows({ target }: Replica, jobsOf10Ms: number, seconds: number): Promise<Row[]> {
  const ms = 20
  const capacity = (jobsOf10Ms * jobMs) / ms
  const batch = sendJobs(target, {
    rate: 12 * capacity,
    ms,
    seconds: seconds + 1,
    headers: { 'evenkeel-criticality': 'batch' },
    seed: 2,
  })
  const interactive = await sendJobs(target, { rate: 0.5 * capacity, ms, seconds })
  const counted = (await batch, interactive).filter(({ intendedMs }) => intendedMs >= warmUpMs)
  const served = counted.filter(({ end }) => end === 'ok').length / counted.length
  return [
    {
      name: 'interactive at half of capacity, batch at 12 ×: interactive calls served',
      value: 100 * served,
      unit: '%',
      aim: 99.4,
      peer: `p99 ${p99Of(counted, 'ok').toFixed(0)} ms; batch at ${(goodput(await batch, warmUpMs, seconds * 1000) / capacity).toFixed(2)} of capacity`,
    },
  ]
}

async function retryRows({ target }: Replica, capacity: number, seconds: number): Promise<Row[]> {
  const calls = await sendJobs(target, { rate: 3 * capacity, seconds, retries: 'policy' })
  const attempts = calls.reduce((sum, call) => sum + call.attempts, 0) / calls.length
  return [
    {
      name: '3 × capacity, callers that repeat by policy: attempts per call',
      value: attempts,
      unit: 'ratio',
      aim: 1.2,
      peer: `goodput ${(goodput(calls, warmUpMs, seconds * 1000) / capacity).toFixed(2)} of capacity`,
    },
  ]
}

/** Ten seconds of ten times the capacity in the middle of 0.8 times: how long after it until answers are as many again. */
async function spikeRows({ target }: Replica, capacity: number): Promise<Row[]> {
  const [beforeMs, spikeMs, afterMs] = [5000, 10_000, 5000]
  const steady = sendJobs(target, { rate: 0.8 * capacity, seconds: (beforeMs + spikeMs + afterMs) / 1000 })
  await delay(beforeMs)
  await sendJobs(target, { rate: 9.2 * capacity, seconds: spikeMs / 1000, seed: 3 })
  const calls = await steady
  const bins = binsOf(calls, (beforeMs + spikeMs + afterMs) / binMs)
  const usual = quantile(
    bins.slice(10, beforeMs / binMs).toSorted((a, b) => a - b),
    0.1,
  )
  const after = bins.slice((beforeMs + spikeMs) / binMs)
  const recovered = after.findIndex((served, index) => served >= usual && (after[index + 1] ?? 1) >= usual)
  return [
    {
      name: 'after 10 s of 10 × capacity: until the usual part of calls is answered in time again',
      value: recovered < 0 ? Number.POSITIVE_INFINITY : (recovered * binMs) / 1000,
      unit: 's',
      aim: 1,
      peer: `part answered per ${binMs} ms, before ${usual.toFixed(2)} or more: ${after
        .slice(0, 10)
        .map((part) => part.toFixed(2))
        .join(' ')}`,
    },
  ]
}

const binMs = 100

/** Part of the calls of each bin that was answered in time. */
function binsOf(calls: readonly Ended[], count: number): number[] {
  const sent = Array.from({ length: count }, () => 0)
  const good = Array.from({ length: count }, () => 0)
  for (const { intendedMs, end } of calls) {
    const bin = Math.min(count - 1, Math.floor(intendedMs / binMs))
    sent[bin] = (sent[bin] ?? 0) + 1
    if (end === 'ok') good[bin] = (good[bin] ?? 0) + 1
  }
  return sent.map((all, bin) => (all === 0 ? 1 : (good[bin] ?? 0) / all))
}
