import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHTML } from 'linkedom'
import type { Ended } from './overload-load.ts'
import { benchReport } from './report.ts'
import { spikePlot } from './spike-plot.ts'

const spike = { fromMs: 1000, toMs: 2000, endMs: 3000 }
/** Before and after the spike 80 calls a second, in it eight times as many of which one in eight is answered. */
const calls: Ended[] = Array.from({ length: spike.endMs }, (_, ms) => ms).flatMap((ms): Ended[] => {
  const inSpike = ms >= spike.fromMs && ms < spike.toMs
  if (ms % 100 < 8) return [{ intendedMs: ms, latencyMs: inSpike ? 60 : 20, end: 'ok' }]
  return inSpike && ms % 100 < 64 ? [{ intendedMs: ms, latencyMs: 30, end: 'held' }] : []
})

test('the picture of a spike has the answers of each 100 ms, and how long answers and refusals took', () => {
  const { document } = parseHTML(`<body>${spikePlot({ calls, capacity: 100, binMs: 100, spike })}</body>`)
  const [goodput, latency] = document.querySelectorAll('svg')
  assert.match(goodput?.textContent ?? '', /answers in time a second.*seconds/s)
  const [series] = goodput?.querySelectorAll('[aria-label="line"] path') ?? []
  // As steps: one point for the first bin, two for each that follows.
  const points =
    series
      ?.getAttribute('d')
      ?.split(/[MLHV]/)
      .slice(1) ?? []
  assert.ok(points.length >= 30, `${points.length} points for 30 bins`)
  assert.deepEqual(
    [...(latency?.querySelectorAll('[aria-label="line"] path title') ?? [])].map((title) => title.textContent),
    ['answered', 'refused'],
  )
})

test('a report has every row, as text, and the pictures of those that have one', () => {
  const rows = [
    { name: 'a < b', value: 1.5, unit: 'ms', aim: 2, peer: 'a peer' },
    { name: 'drawn', value: 1, unit: 'ratio', aim: null, peer: null, picture: '<svg id="drawing"></svg>' },
  ]
  const { document } = parseHTML(benchReport(['overload'], rows, 'today'))
  assert.deepEqual(
    [...document.querySelectorAll('tr')].slice(1).map((row) => [...row.children].map((cell) => cell.textContent)),
    [
      ['a < b', '1.50 ms', '2 ms', 'a peer'],
      ['drawn', '1.00 ratio', '', ''],
    ],
  )
  assert.equal(document.querySelectorAll('figure').length, 1)
  assert.equal(document.querySelector('figure > figcaption')?.textContent, 'drawn')
  assert.ok(document.querySelector('figure > svg#drawing'))
  assert.equal(document.querySelectorAll('script, link, img').length, 0)
})
