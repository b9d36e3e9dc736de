import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawBinomial } from './binomial.ts'
import { dice } from './dice.ts'
import { createRandom } from './random.ts'

/** The same by throwing each call. */
function diceByThrowing(calls: number, pods: number, runs: number): number {
  const random = createRandom(2)
  const ratios = Array.from({ length: runs }, () => {
    const counts = Array.from({ length: pods }, () => 0)
    for (let call = 0; call < calls; call += 1) {
      const pod = Math.floor(random() * pods)
      counts[pod] = (counts[pod] ?? 0) + 1
    }
    return Math.max(...counts) / Math.min(...counts)
  })
  return ratios.toSorted((one, other) => one - other)[Math.ceil(runs * 0.99) - 1] ?? Number.NaN
}

test('the simulation agrees with throwing each call', () => {
  for (const [calls, pods] of [
    [2000, 2],
    [1000, 3],
    [3000, 8],
  ] as const) {
    const byThrowing = diceByThrowing(calls, pods, 4000)
    assert.ok(Math.abs((dice(calls, pods) - 1) / (byThrowing - 1) - 1) < 0.06, `${calls} calls on ${pods} pods`)
  }
})

test('for two pods and a million calls it is what the normal distribution says', () => {
  // Half the difference is normal with sqrt(n)/2, and |Z| stays under 2.5758 in 99 of 100.
  const offset = (2.5758 * Math.sqrt(1e6)) / 2
  const expected = (5e5 + offset) / (5e5 - offset)
  assert.ok(Math.abs((dice(1e6, 2) - 1) / (expected - 1) - 1) < 0.03)
})

test('more calls come closer to 1, more pods move away from it', () => {
  assert.ok(dice(30_000, 3) < dice(3000, 3))
  assert.ok(dice(30_000, 50) > dice(30_000, 3))
})

test('one pod is always even, and too few calls leave a pod without any', () => {
  assert.equal(dice(1000, 1), 1)
  assert.equal(dice(0, 3), Number.POSITIVE_INFINITY)
  assert.equal(dice(10, 3), Number.POSITIVE_INFINITY)
})

test('the same question has the same answer', () => {
  assert.equal(dice(12_345, 7), dice(12_345, 7))
})

for (const [trials, chance] of [
  [12, 0.5],
  [400, 0.01],
  [1000, 0.3],
  [1_000_000, 1 / 3],
] as const) {
  test(`binomial draws of ${trials} trials at ${chance.toFixed(2)} have the right mean and variance`, () => {
    const random = createRandom(3)
    const draws = Array.from({ length: 40_000 }, () => drawBinomial(trials, chance, random))
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length
    const trueVariance = trials * chance * (1 - chance)
    assert.ok(Math.abs(mean - trials * chance) < (4 * Math.sqrt(trueVariance)) / 200, `mean ${mean}`)
    assert.ok(Math.abs(variance / trueVariance - 1) < 0.04, `variance ${variance} of ${trueVariance}`)
    assert.ok(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw <= trials))
  })
}
