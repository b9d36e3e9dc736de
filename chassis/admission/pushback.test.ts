import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pushback } from './pushback.ts'

function retryAfterMs(computeMs: readonly number[], load: { waiting: number; workers: number }): number | undefined {
  const pushback = new Pushback()
  for (const each of computeMs) pushback.computed(each)
  return pushback.full({ queueLimit: 10, ...load }).retryAfterMs
}

const hundredTimes = (computeMs: number): number[] => Array.from({ length: 100 }, () => computeMs)

test('a refused caller comes back when what is in flight has been computed', () => {
  assert.equal(retryAfterMs([], { waiting: 10, workers: 2 }), 300)
  assert.equal(retryAfterMs(hundredTimes(8), { waiting: 10, workers: 2 }), 49)
  assert.equal(retryAfterMs(hundredTimes(8), { waiting: 10, workers: 10 }), 17)
})

test('it is told a whole number of milliseconds from 1 to 10 000', () => {
  assert.equal(retryAfterMs(hundredTimes(1e-6), { waiting: 0, workers: 1 }), 1)
  assert.equal(retryAfterMs(hundredTimes(60_000), { waiting: 10, workers: 1 }), 10_000)
})

test('the refusal names the limit and its parts', () => {
  const error = new Pushback().full({ waiting: 3, queueLimit: 3, workers: 2 })
  assert.equal(error.code, 'full')
  assert.equal(error.message, '5 tasks are in flight, the limit (3 waiting + 2 workers); come back in 125 ms')
})
