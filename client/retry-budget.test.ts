import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FailureCause, RetryBudget } from './retry-budget.ts'

/** How many of these failures may be repeated. */
const repeatsOf = (budget: RetryBudget, cause: FailureCause, count: number): number =>
  Array.from({ length: count }, () => budget.failed(cause)).filter(Boolean).length

test('calls of a replica that crashes are repeated, and those of an outage no more', () => {
  const budget = new RetryBudget()
  assert.equal(repeatsOf(budget, 'broken', 1000), 249)
  for (let answers = 0; answers < 2500; answers += 1) budget.succeeded()
  assert.equal(budget.failed('broken'), false)
  for (let answers = 0; answers < 30; answers += 1) budget.succeeded()
  assert.deepEqual([repeatsOf(budget, 'broken', 10)], [1])
})

test('few refused calls are repeated, and none while most are refused', () => {
  const budget = new RetryBudget()
  assert.equal(repeatsOf(budget, 'refused', 100), 9)
  let repeats = 0
  for (let round = 0; round < 1000; round += 1) {
    budget.succeeded()
    repeats += repeatsOf(budget, 'refused', 2)
  }
  assert.equal(repeats, 0)
})

test('one refused call in eleven can be repeated for ever', () => {
  const budget = new RetryBudget()
  for (let round = 0; round < 1000; round += 1) {
    for (let answers = 0; answers < 10; answers += 1) budget.succeeded()
    assert.equal(budget.failed('refused'), true)
  }
})

test('an overload leaves the budget of calls that break', () => {
  const budget = new RetryBudget()
  repeatsOf(budget, 'refused', 10_000)
  assert.equal(repeatsOf(budget, 'broken', 1000), 229)
  assert.equal(budget.failed('refused'), false)
})

test('answers do not save up more than the budget holds', () => {
  const budget = new RetryBudget()
  for (let answers = 0; answers < 10_000; answers += 1) budget.succeeded()
  assert.equal(repeatsOf(budget, 'broken', 1000), 249)
})
