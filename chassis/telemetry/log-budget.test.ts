import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogBudget } from './log-budget.ts'

test('within a second a kind gets its lines and no more', () => {
  const budget = new LogBudget(2)
  assert.deepEqual(
    [0, 10, 20, 999].map((nowMs) => budget.take('a', nowMs)),
    [0, 0, undefined, undefined],
  )
})

test('the first line after a second says how many were left out', () => {
  const budget = new LogBudget(1)
  for (const nowMs of [0, 1, 2, 3]) budget.take('a', nowMs)
  assert.equal(budget.take('a', 1000), 3)
  assert.equal(budget.take('a', 2000), 0)
})

test('kinds do not share their lines', () => {
  const budget = new LogBudget(1)
  assert.deepEqual([budget.take('a', 0), budget.take('b', 0), budget.take('a', 0)], [0, 0, undefined])
})
