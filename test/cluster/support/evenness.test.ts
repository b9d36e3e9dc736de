import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evennessOf } from './evenness.ts'

const timeline = {
  startedAt: 1000,
  bucketMs: 100,
  callsPerPod: { a: [9, 1, 2, 9], b: [0, 2, 2], gone: [9] },
  refused: [],
  lost: [],
  pods: {},
}

test('only calls within the window count, and only pods that are there or were called in it', () => {
  const { callsPerPod, maxOverMin } = evennessOf(timeline, { fromMs: 1100, toMs: 1300, pods: ['a', 'b'] })
  assert.deepEqual({ callsPerPod, maxOverMin }, { callsPerPod: { a: 3, b: 4 }, maxOverMin: 4 / 3 })
})

test('a pod that is there and gets no call leaves no ratio', () => {
  const { callsPerPod, maxOverMin } = evennessOf(timeline, { fromMs: 1100, toMs: 1300, pods: ['a', 'b', 'c'] })
  assert.deepEqual({ callsPerPod, maxOverMin }, { callsPerPod: { a: 3, b: 4, c: 0 }, maxOverMin: null })
})
