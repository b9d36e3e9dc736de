import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { LoadRecord, StepRecord } from '../support/step-record.ts'

/** Width of a picture, in pixels. */
const width = 1000
/** Buckets of a load are joined to this, in ms: narrower ones flicker at low rates. */
const barMs = 500

/** Calls per pod over time as SVG, with what was done and what was lost. Time counts from when the step's own doing began. */
export function timelinePlot(record: StepRecord, load: LoadRecord): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const calls = barsOf(load.timeline.callsPerPod, load, record)
  const failed = barsOf({ lost: load.timeline.lost, refused: load.timeline.refused }, load, record)
  const marks = record.marks.map(({ atMs, text }) => ({ second: (atMs - record.startedAtMs) / 1000, text }))
  const plot = Plot.plot({
    document,
    width,
    height: 220,
    marginRight: 20,
    x: { label: 'seconds' },
    y: { label: 'calls a second', grid: true },
    color: { legend: false, scheme: 'tableau10' },
    marks: [
      Plot.rectY(calls, { x1: 'from', x2: 'to', y: 'rate', fill: 'name', title: 'name' }),
      Plot.ruleX(marks, { x: 'second', strokeDasharray: '3,3' }),
      Plot.text(marks, {
        x: 'second',
        text: 'text',
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: 4,
        dy: 4,
        lineWidth: 30,
      }),
      Plot.dot(
        failed.filter(({ rate }) => rate > 0),
        { x: 'from', y: 0, r: 5, symbol: 'times', stroke: 'red', strokeWidth: 2, title: 'name' },
      ),
    ],
  })
  return plot.outerHTML
}

interface Bar {
  name: string
  /** Seconds. */
  from: number
  to: number
  /** Calls per second. */
  rate: number
}

function barsOf(counts: Record<string, number[]>, { timeline }: LoadRecord, { startedAtMs }: StepRecord): Bar[] {
  const joined = Math.max(1, Math.round(barMs / timeline.bucketMs))
  const seconds = (joined * timeline.bucketMs) / 1000
  const origin = (timeline.startedAt - startedAtMs) / 1000
  return Object.entries(counts).flatMap(([name, buckets]) =>
    Array.from({ length: Math.ceil(buckets.length / joined) }, (_, at) => {
      const sum = buckets.slice(at * joined, (at + 1) * joined).reduce((total, count) => total + count, 0)
      return { name, from: origin + at * seconds, to: origin + (at + 1) * seconds, rate: sum / seconds }
    }),
  )
}
