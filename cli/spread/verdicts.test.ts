import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Summary } from './summarize.ts'
import { type Bounds, judge } from './verdicts.ts'

const summary: Summary = {
  sent: 300,
  ok: 297,
  refused: 0,
  lost: 3,
  retried: 0,
  errorsByCode: { INTERNAL: 3 },
  latencyMs: { p50: 1, p90: 1, p99: 1, p999: 1, max: 1 },
  callsPerPod: { a: 100, b: 99, c: 98 },
  busyMsPerPod: { a: 1, b: 1, c: 1 },
  callsPerProcess: {},
  callsPerWorker: {},
  podsExpected: null,
  maxOverMin: 1.02,
  maxOverMean: 1,
  diceP99: 1.5,
  seconds: 1,
  cut: 2,
  queueWaitMs: { p50: 0, p99: 0 },
  notSent: 0,
}

/** Which bounds were kept. */
const kept = (bounds: Bounds, changes: Partial<Summary> = {}): boolean[] =>
  judge({ ...summary, ...changes }, bounds).map((verdict) => verdict.kept)

test('nothing is judged where nothing was asked', () => {
  assert.deepEqual(judge(summary, {}), [])
})

test('a bound is kept at its very value', () => {
  assert.deepEqual(kept({ maxSpread: 1.02, maxLost: 3, expectPods: 3 }), [true, true, true])
  assert.deepEqual(kept({ maxSpread: 1.01, maxLost: 2, expectPods: 4 }), [false, false, false])
})

test('dice are a bound of their own', () => {
  assert.deepEqual(kept({ maxSpread: 'dice' }), [true])
  assert.deepEqual(kept({ maxSpread: 'dice' }, { maxOverMin: 1.51 }), [false])
})

test('an infinite spread breaks every number, but not dice that may leave a pod without calls', () => {
  const changes = { maxOverMin: Number.POSITIVE_INFINITY }
  assert.deepEqual(kept({ maxSpread: 1e6 }, changes), [false])
  assert.deepEqual(kept({ maxSpread: 'dice' }, { ...changes, diceP99: Number.POSITIVE_INFINITY }), [true])
})

test('calls that were cut are named apart from those lost otherwise', () => {
  assert.equal(
    judge(summary, { maxLost: 0 })[0]?.text,
    'calls lost 3 (2 of them cut between headers and trailers), at most 0',
  )
})

test('a load without an answer, and one lighter than asked for, are bad without any bound', () => {
  assert.deepEqual(kept({}, { ok: 0 }), [false])
  assert.deepEqual(kept({}, { notSent: 1 }), [false])
})
