import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fullScanSojournsMs, idealSojournsMs } from './ideal-queue.ts'

test('a job waits only while every server is taken', () => {
  const jobs = [0, 0, 0, 25].map((arrivalMs) => ({ arrivalMs, serviceMs: 10 }))
  assert.deepEqual(idealSojournsMs(jobs, 1), [10, 20, 30, 15])
  assert.deepEqual(idealSojournsMs(jobs, 2), [10, 10, 20, 10])
  assert.deepEqual(idealSojournsMs(jobs, 3), [10, 10, 10, 10])
})

test('a full scan keeps a job behind a long one of its replica, which one queue for all would not', () => {
  const jobs = [
    { arrivalMs: 0, serviceMs: 100 },
    { arrivalMs: 1, serviceMs: 10 },
    { arrivalMs: 2, serviceMs: 10 },
  ]
  assert.deepEqual(fullScanSojournsMs(jobs, { replicas: 2, workers: 1 }), [100, 10, 108])
  assert.deepEqual(idealSojournsMs(jobs, 2), [100, 10, 19])
  assert.deepEqual(fullScanSojournsMs(jobs, { replicas: 1, workers: 2 }), [100, 10, 19])
})
