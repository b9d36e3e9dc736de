import type { Client } from '@grpc/grpc-js'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { startTestEnvoy } from '../support/envoy.ts'
import { type FloodOptions, startFlood } from '../support/floods/flood.ts'
import { holdClient, startHoldProcess } from '../support/hold.ts'
import { p99, type Row, shown } from './row.ts'
import { type TimedCalls, timedCalls } from './timed-calls.ts'

/** How often phases take turns, how long each is, and how progress is told. */
export interface FloodsOptions {
  rounds?: number
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

/** The innocent caller: many samples for a p99, and far from what a replica can do. */
const ratePerSecond = 200

/** What comes beside it at a bounded rate; whoever is closed for it connects anew. */
const floods: ({ title: string } & Omit<FloodOptions, 'address' | 'path' | 'lasting'>)[] = [
  { title: 'rapid reset, 2000/s', name: 'rapid-reset', count: 1e6, ratePerSecond: 2000 },
  { title: 'PING, 10000/s', name: 'ping', count: 1e6, ratePerSecond: 10_000 },
  { title: 'header bombs of 14 MB, 100/s', name: 'hpack-bomb', count: 1e6, ratePerSecond: 100 },
  { title: 'new connections, 400/s', name: 'ping', count: 1, ratePerSecond: 400, connections: 4, hangUp: true },
  { title: 'gzip bombs of 50 MB, 5/s', name: 'gzip-bomb', count: 1e6, ratePerSecond: 5 },
  { title: 'calls without a message, 1000/s', name: 'refused-call', count: 1e6, ratePerSecond: 1000 },
]

/**
 * The p99 of an innocent caller with a connection of its own, while another process floods, against its p99 without, by turns in
 * the same run; and its calls that were lost.
 */
export async function floodsBench({ rounds = 3, seconds = 2, onProgress }: FloodsOptions = {}): Promise<Row[]> {
  await using replica = await startHoldProcess()
  await using envoy = await startTestEnvoy({ endpoints: [replica.endpoint] })
  const rows: Row[] = []
  let done = 0
  for (const [way, address] of [
    ['at a replica', replica.address],
    ['through Envoy', envoy.target],
  ] as const) {
    using client = holdClient(address)
    await timedCalls(client, { seconds, ratePerSecond }) // what warms up is not measured
    const lost: string[] = []
    let calls = 0
    for (const { title, ...kind } of floods) {
      const flood = { ...kind, address, path: HoldServiceService.hold.path, lasting: true }
      const { quiet, flooded } = await byTurns(client, flood, { rounds, seconds })
      rows.push(ratioRow(`${way}, ${title}`, quiet, flooded))
      lost.push(...quiet.lost, ...flooded.lost)
      calls += quiet.latenciesMs.length + flooded.latenciesMs.length + quiet.lost.length + flooded.lost.length
      onProgress?.((done += 1), 2 * floods.length)
    }
    const peer = `${calls} calls${lost.length > 0 ? `; ${lost[0]}` : ''}`
    rows.push({ name: `${way}: innocent calls lost`, value: lost.length, unit: 'calls', aim: 0, peer })
  }
  return rows
}

async function byTurns(client: Client, flood: FloodOptions, turns: { rounds: number; seconds: number }) {
  const quiet: TimedCalls = { latenciesMs: [], lost: [] }
  const flooded: TimedCalls = { latenciesMs: [], lost: [] }
  const load = { seconds: turns.seconds, ratePerSecond }
  for (let round = 0; round < turns.rounds; round += 1) {
    add(quiet, await timedCalls(client, load))
    await using running = startFlood(flood)
    await running.began
    add(flooded, await timedCalls(client, load))
  }
  return { quiet, flooded }
}

function add(all: TimedCalls, some: TimedCalls): void {
  all.latenciesMs.push(...some.latenciesMs)
  all.lost.push(...some.lost)
}

function ratioRow(name: string, quiet: TimedCalls, flooded: TimedCalls): Row {
  const [besideMs, quietMs] = [p99(flooded.latenciesMs), p99(quiet.latenciesMs)]
  const lost = quiet.lost.length + flooded.lost.length
  const peer = `p99 ${shown(besideMs)} ms against ${shown(quietMs)} ms${lost > 0 ? `; ${lost} lost` : ''}`
  return { name, value: besideMs / quietMs, unit: 'ratio', aim: 2, peer }
}
