import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopsOf } from './waste-stops.ts'

const page = `# TYPE evenkeel_compute_wasted histogram
evenkeel_compute_wasted_count{service="x"} 200
evenkeel_compute_wasted_sum{service="x"} 0.5
evenkeel_compute_wasted_bucket{service="x",le="0.001"} 150
evenkeel_compute_wasted_bucket{service="x",le="0.005"} 198
evenkeel_compute_wasted_bucket{service="x",le="+Inf"} 200
`

test('stops are read from the histogram of a metrics page', () => {
  assert.deepEqual(stopsOf(page), { count: 200, wastedMs: 500, p99Ms: 5 })
})

test('a page without stops has none', () => {
  assert.deepEqual(stopsOf('# nothing\n'), { count: 0, wastedMs: 0, p99Ms: 0 })
})
