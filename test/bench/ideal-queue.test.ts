import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idealSojournsMs } from './ideal-queue.ts'

test('a job waits only while every server is taken', () => {
  const jobs = [0, 0, 0, 25].map((arrivalMs) => ({ arrivalMs, serviceMs: 10 }))
  assert.deepEqual(idealSojournsMs(jobs, 1), [10, 20, 30, 15])
  assert.deepEqual(idealSojournsMs(jobs, 2), [10, 10, 20, 10])
  assert.deepEqual(idealSojournsMs(jobs, 3), [10, 10, 10, 10])
})
