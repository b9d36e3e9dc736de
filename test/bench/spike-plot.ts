import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { deadlineMs, type Ended } from './overload-load.ts'

/** What is drawn. Times are milliseconds from the start of the load. */
export interface SpikeOptions {
  calls: readonly Ended[]
  /** Calls a second. */
  capacity: number
  binMs: number
  spike: { fromMs: number; toMs: number; endMs: number }
}

/** What came back in one bin. */
interface Bin {
  second: number
  /** Answers in time a second. */
  goodput: number
}

/** Answers a second before, in and after a spike, and below them how long answers and refusals took, as SVG. */
export function spikePlot(options: SpikeOptions): string {
  const { spike, capacity } = options
  const ends = [spike.fromMs / 1000, spike.toMs / 1000]
  const shared = {
    width: 1000,
    marginRight: 20,
    document: parseHTML('<!doctype html><html><body></body></html>').document,
  }
  const goodput = Plot.plot({
    ...shared,
    height: 220,
    x: { label: 'seconds', domain: [0, spike.endMs / 1000] },
    y: { label: 'answers in time a second', grid: true },
    marks: [
      Plot.line(goodputOf(options), { x: 'second', y: 'goodput', curve: 'step-after', stroke: '#4e79a7' }),
      Plot.ruleY([capacity], { strokeDasharray: '3,3' }),
      Plot.ruleX(ends, { strokeDasharray: '3,3' }),
    ],
  })
  const latency = Plot.plot({
    ...shared,
    height: 180,
    x: { label: 'seconds', domain: [0, spike.endMs / 1000] },
    y: { label: 'slowest, ms', grid: true },
    color: { legend: false, domain: ['answered', 'refused'], range: ['#4e79a7', '#e15759'] },
    marks: [
      Plot.line(slowestOf(options), { x: 'second', y: 'ms', stroke: 'name', title: 'name' }),
      Plot.ruleX(ends, { strokeDasharray: '3,3' }),
    ],
  })
  return `${goodput.outerHTML}\n${latency.outerHTML}`
}

/** By when answers came. */
function goodputOf({ calls, binMs, spike }: SpikeOptions): Bin[] {
  const bins = Array.from({ length: spike.endMs / binMs }, (_, bin) => ({ second: (bin * binMs) / 1000, goodput: 0 }))
  for (const { intendedMs, latencyMs, end } of calls) {
    const bin = bins[Math.floor((intendedMs + latencyMs) / binMs)]
    if (bin !== undefined && end === 'ok' && latencyMs <= deadlineMs) bin.goodput += 1000 / binMs
  }
  return bins
}

/** By when calls were to be sent. */
function slowestOf({ calls, binMs }: SpikeOptions): { name: string; second: number; ms: number }[] {
  const slowest = new Map<string, { name: string; second: number; ms: number }>()
  for (const { intendedMs, latencyMs, end } of calls) {
    const bin = Math.floor(intendedMs / binMs)
    const name = end === 'ok' ? 'answered' : 'refused'
    const key = `${name} ${bin}`
    const known = slowest.get(key)
    if (known === undefined) slowest.set(key, { name, second: (bin * binMs) / 1000, ms: latencyMs })
    else known.ms = Math.max(known.ms, latencyMs)
  }
  return [...slowest.values()].toSorted((one, other) => one.second - other.second)
}
