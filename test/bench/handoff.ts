import { threadCpuUsage } from 'node:process'
import type { WorkerPool } from '../../chassis/workers/pool.ts'
import { startPool } from '../../chassis/workers/start-pool.ts'
import { median, type Row } from './row.ts'

const tasks = new URL('../support/tasks/jobs.ts', import.meta.url)
const { signal } = new AbortController()
const payload = { text: 'x'.repeat(100) }

/** Measurements of each figure; the median counts. */
const rounds = 7

/** What it costs to hand a task to a worker thread: latency, time of the gRPC thread, and idle time of the worker. About 30 s. */
export async function handoffBench(): Promise<Row[]> {
  const rows: Row[] = []
  for (const shortTaskMs of [10, 0]) {
    await using pool = await startPool({ tasks, workers: 1, queueLimit: 200, shortTaskMs })
    const held = shortTaskMs > 0 ? 'one held in advance' : 'none held'
    if (shortTaskMs > 0)
      rows.push({
        name: 'there and back, one at a time',
        value: await roundTripUs(pool),
        unit: 'µs',
        aim: null,
        peer: null,
      })
    const name = `gRPC thread, 100 in flight, ${held}`
    rows.push({ name, value: await ownThreadUs(pool), unit: 'µs a task', aim: shortTaskMs > 0 ? 8 : null, peer: null })
    for (const jobMs of [0.1, 1, 5]) rows.push(await shareRow(pool, jobMs, held))
  }
  return rows
}

async function shareRow(pool: WorkerPool, jobMs: number, held: string): Promise<Row> {
  const aim = jobMs >= 1 && held !== 'none held' ? 0.97 : null
  const value = await shareOfBareLoop(pool, jobMs)
  return {
    name: `throughput of ${jobMs} ms jobs, ${held}`,
    value,
    unit: 'ratio',
    aim,
    peer: 'the bare loop in the same thread',
  }
}

async function roundTripUs(pool: WorkerPool): Promise<number> {
  const calls = 2000
  return await medianOf(async () => {
    const beginMs = performance.now()
    for (let call = 0; call < calls; call += 1) await pool.run({ task: 'echo', input: payload, signal })
    return ((performance.now() - beginMs) * 1000) / calls
  })
}

/** CPU time of this thread, which here stands for the gRPC thread. */
async function ownThreadUs(pool: WorkerPool): Promise<number> {
  const calls = 20_000
  return await medianOf(async () => {
    const before = threadCpuUsage()
    await keepInFlight(100, calls, () => pool.run({ task: 'echo', input: payload, signal, expectedMs: 0.01 }))
    const { user, system } = threadCpuUsage(before)
    return (user + system) / calls
  })
}

/** Jobs through the pool, 16 in flight, against the same jobs in a loop in the same thread before and after. */
async function shareOfBareLoop(pool: WorkerPool, jobMs: number): Promise<number> {
  const times = Math.ceil(400 / jobMs)
  const loopMs = async (steps: number): Promise<number> =>
    (await pool.run<number>({ task: 'loop', input: { steps, times }, signal })).output
  const trialSteps = Math.ceil(jobMs * 1000)
  const steps = Math.ceil((trialSteps * jobMs * times) / (await loopMs(trialSteps)))
  return await medianOf(async () => {
    const beforeMs = await loopMs(steps)
    const beginMs = performance.now()
    await keepInFlight(16, times, () => pool.run({ task: 'job', input: steps, signal, expectedMs: jobMs }))
    const pooledMs = performance.now() - beginMs
    return (beforeMs + (await loopMs(steps))) / 2 / pooledMs
  })
}

async function keepInFlight(atOnce: number, calls: number, call: () => Promise<unknown>): Promise<void> {
  let left = calls
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await call()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const values: number[] = []
  for (let round = 0; round < rounds; round += 1) values.push(await measure())
  return median(values)
}
