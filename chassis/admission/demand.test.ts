import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Demand } from './demand.ts'

/** Demand after `seconds` of tasks of 10 ms, `perSecond` of them. */
function after(
  demand: Demand,
  { perSecond, fromMs, seconds }: { perSecond: number; fromMs: number; seconds: number },
): number {
  for (let task = 1; task <= perSecond * seconds; task += 1) demand.add(10, fromMs + (task * 1000) / perSecond)
  return demand.ofCapacity
}

test('demand is what is asked for over what the workers can do', () => {
  const steady = (workers: number): number => after(new Demand(workers), { perSecond: 80, fromMs: 0, seconds: 10 })
  assert.ok(Math.abs(steady(1) - 0.8) < 0.02, `${steady(1)}`)
  assert.ok(Math.abs(steady(4) - 0.2) < 0.02, `${steady(4)}`)
})

test('a spike is seen within a few hundredths of a second, and forgotten within a few seconds', () => {
  const demand = new Demand(1)
  after(demand, { perSecond: 80, fromMs: 0, seconds: 5 })
  assert.ok(after(demand, { perSecond: 1000, fromMs: 5000, seconds: 0.05 }) > 1)
  after(demand, { perSecond: 1000, fromMs: 5050, seconds: 5 })
  assert.ok(after(demand, { perSecond: 80, fromMs: 10_050, seconds: 5 }) < 1)
})
