import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cost } from './cost.ts'
import { Costs } from './costs.ts'

const learned = (guessMs: number, timesMs: readonly number[]): Cost => {
  const cost = new Cost(guessMs)
  for (const each of timesMs) cost.learn(each)
  return cost
}

test('a guess counts as one time until there are others', () => {
  assert.deepEqual([new Cost(8).meanMs, new Cost(8).highMs], [8, 8])
  assert.deepEqual([learned(8, [4]).meanMs, learned(8, [4]).highMs], [6, 4])
  assert.ok(
    Math.abs(
      learned(
        1000,
        Array.from({ length: 100 }, () => 2),
      ).meanMs - 2,
    ) < 1,
  )
})

test('mean and high quantile of tasks of which one in eight takes a hundred times as long', () => {
  const { meanMs, highMs } = learned(
    1,
    Array.from({ length: 64 }, (_, index) => (index % 8 === 7 ? 100 : 1)),
  )
  assert.ok(meanMs > 5 && meanMs < 30, `mean ${meanMs}`)
  assert.equal(highMs, 100)
})

test('one in a hundred does not make the others long', () => {
  assert.equal(learned(1, [...Array.from({ length: 62 }, () => 1), 900, 1]).highMs, 1)
})

test('what was learned is forgotten when tasks change', () => {
  const cost = learned(1, [...Array.from({ length: 64 }, () => 50), ...Array.from({ length: 64 }, () => 2)])
  assert.equal(cost.highMs, 2)
  assert.ok(cost.meanMs < 3)
})

test('costs are learned by task and by guess, half a doubling apart', () => {
  const costs = new Costs()
  assert.equal(costs.of('check', 8), costs.of('check', 8.5))
  for (const [task, guessMs] of [
    ['check', 16],
    ['check', undefined],
    ['list', 8],
  ] as const) {
    assert.notEqual(costs.of(task, guessMs), costs.of('check', 8))
  }
  assert.equal(costs.of('check', 16).meanMs, 16)
})

test('a guess that says nothing is no guess', () => {
  const costs = new Costs()
  for (const guessMs of [0, -1, Number.NaN]) assert.equal(costs.of('check', guessMs), costs.of('check', undefined))
  assert.equal(costs.of('check', Number.POSITIVE_INFINITY), costs.of('check', 1e300))
})
