import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { CallEnd } from './call-end.ts'
import { type Summary, summarize } from './summarize.ts'
import { Tally } from './tally.ts'

const ok: CallEnd = {
  intendedMs: 0,
  sentMs: 0,
  latencyMs: 1,
  code: status.OK,
  details: '',
  headersSeen: true,
  trailersSeen: true,
  attempts: 1,
  pod: 'a',
  process: '0',
  worker: '0',
  queueMs: 0,
  computeMs: 1,
}

function summaryOf(ends: Partial<CallEnd>[], podsExpected: number | null = null): Summary {
  const tally = new Tally()
  for (const end of ends) tally.record({ ...ok, ...end })
  return summarize(tally, { podsExpected, seconds: 1 })
}

test('a broken connection after headers is cut, an error that the server sent is not', () => {
  const broken = { code: status.INTERNAL, trailersSeen: false }
  const { lost, cut } = summaryOf([
    broken,
    { ...broken, code: status.UNAVAILABLE },
    { ...broken, headersSeen: false },
    { ...broken, trailersSeen: true },
    { ...broken, code: status.DEADLINE_EXCEEDED },
  ])
  assert.deepEqual({ lost, cut }, { lost: 5, cut: 2 })
})

test('quantiles are of answered calls, and none is above the longest', () => {
  const ends = Array.from({ length: 1000 }, (_, index) => ({ latencyMs: index + 1 }))
  const { latencyMs } = summaryOf([...ends, { code: status.DEADLINE_EXCEEDED, latencyMs: 60_000 }])
  assert.equal(latencyMs.max, 1000)
  for (const [quantile, exact] of [
    ['p50', 500],
    ['p90', 900],
    ['p99', 990],
    ['p999', 999],
  ] as const) {
    assert.ok(Math.abs(latencyMs[quantile] / exact - 1) < 0.002, `${quantile} ${latencyMs[quantile]}`)
    assert.ok(latencyMs[quantile] <= latencyMs.max)
  }
})

test('a pod that only refused is a pod without calls', () => {
  const { callsPerPod, refused, maxOverMin } = summaryOf([{}, { pod: 'b', code: status.RESOURCE_EXHAUSTED }])
  assert.deepEqual({ callsPerPod, refused }, { callsPerPod: { a: 1, b: 0 }, refused: 1 })
  assert.equal(maxOverMin, Number.POSITIVE_INFINITY)
})

test('busy time is compared over all pods that were expected', () => {
  assert.equal(summaryOf([{ computeMs: 3 }, { pod: 'b', computeMs: 1 }]).maxOverMean, 1.5)
  assert.equal(summaryOf([{ computeMs: 3 }, { pod: 'b', computeMs: 1 }], 4).maxOverMean, 3)
  assert.equal(summaryOf([{ computeMs: 0 }]).maxOverMean, 1)
})

test('a load without an answer has an infinite spread and latencies of 0', () => {
  const { maxOverMin, latencyMs, errorsByCode } = summaryOf([{ code: status.UNAVAILABLE, pod: undefined }])
  assert.equal(maxOverMin, Number.POSITIVE_INFINITY)
  assert.deepEqual(latencyMs, { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 })
  assert.deepEqual(errorsByCode, { UNAVAILABLE: 1 })
})

test('names are in the order of the numbers in them', () => {
  const names = ['pod-10', 'pod-9', 'pod-1'].map((pod) => ({ pod }))
  assert.deepEqual(Object.keys(summaryOf(names).callsPerPod), ['pod-1', 'pod-9', 'pod-10'])
})
