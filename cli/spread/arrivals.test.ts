import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalTimesMs, type Schedule } from './arrivals.ts'

const schedule = (changes: Partial<Schedule>): number[] => [
  ...arrivalTimesMs({ rate: 1000, seconds: 2, arrivals: 'even', seed: 1, ...changes }),
]

test('even arrivals are one gap apart and as many as rate times seconds', () => {
  assert.deepEqual(schedule({ rate: 4, seconds: 1.5 }), [0, 250, 500, 750, 1000, 1250])
  assert.equal(schedule({}).length, 2000)
})

test('random arrivals have the rate, ascend and end in time', () => {
  const times = schedule({ arrivals: 'poisson', seconds: 100 })
  // Four standard deviations of a Poisson count of 100 000.
  assert.ok(Math.abs(times.length - 100_000) < 4 * Math.sqrt(100_000), `${times.length}`)
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  )
  assert.ok((times.at(-1) ?? 0) < 100_000)
})

test('random arrivals are those of their seed', () => {
  assert.deepEqual(schedule({ arrivals: 'poisson', seed: 7 }), schedule({ arrivals: 'poisson', seed: 7 }))
  assert.notDeepEqual(schedule({ arrivals: 'poisson', seed: 7 }), schedule({ arrivals: 'poisson', seed: 8 }))
})
