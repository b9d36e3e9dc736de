import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawJobs, jobMs, mixOf, standardMix } from './jobs.ts'

test('jobs are drawn by their shares', () => {
  const counts: Record<string, number> = { '1ms': 0, '5ms': 0, '50ms': 0 }
  for (const job of drawJobs(standardMix, 1).take(100_000)) counts[job] = (counts[job] ?? 0) + 1
  for (const [job, share] of Object.entries(standardMix)) {
    assert.ok(Math.abs((counts[job] ?? 0) / 1000 - share) < 1, `${job}: ${counts[job]}`)
  }
})

test('the same seed draws the same jobs', () => {
  const draw = (seed: number): string[] => drawJobs(standardMix, seed).take(50).toArray()
  assert.deepEqual(draw(5), draw(5))
  assert.notDeepEqual(draw(5), draw(6))
})

test('a job with a share of 0 is never drawn', () => {
  assert.ok(
    !drawJobs({ tiny: 0, '1ms': 1, '5ms': 0 }, 1)
      .take(1000)
      .some((job) => job !== '1ms'),
  )
})

test('the name of a job says how long it takes', () => {
  assert.deepEqual(['tiny', '1ms', '12.5ms', '97', 'ms', '-1ms'].map(jobMs), [
    0,
    1,
    12.5,
    undefined,
    undefined,
    undefined,
  ])
})

test('a job that is not a mix stands alone', () => {
  assert.deepEqual(mixOf('5ms'), { '5ms': 1 })
  assert.equal(mixOf('mix'), standardMix)
})
