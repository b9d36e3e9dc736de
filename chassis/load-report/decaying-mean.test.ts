import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecayingMean } from './decaying-mean.ts'

const nearly = (value: number, expected: number): void => assert.ok(Math.abs(value - expected) < 1e-9, `${value}`)

test('a mean is 0 before its first value, which then counts whole', () => {
  const mean = new DecayingMean()
  assert.equal(mean.value, 0)
  mean.add(3, 20)
  nearly(mean.value, 3)
})

test('a mean of what never changes is that, whatever the spans are', () => {
  const mean = new DecayingMean()
  for (const spanMs of [1, 20, 5000, 0.1]) mean.add(0.7, spanMs)
  nearly(mean.value, 0.7)
})

test('what is long past does not count', () => {
  const mean = new DecayingMean()
  mean.add(100, 1000)
  mean.add(1, 60_000)
  nearly(mean.value, 1)
})

test('a look after a long pause is outweighed by what is seen from then on', () => {
  const mean = new DecayingMean()
  mean.add(0, 3_600_000, 20)
  nearly(mean.value, 0)
  for (let look = 0; look < 99; look += 1) mean.add(1, 20)
  assert.ok(mean.value > 0.98)
})

test('the ratio of two means stays when there is nothing more to add to either', () => {
  const calls = new DecayingMean()
  const utilization = new DecayingMean()
  for (let look = 0; look < 100; look += 1) {
    calls.add(80 + look, 20)
    utilization.add((80 + look) / 100, 20)
  }
  for (let second = 0; second < 60; second += 1) {
    calls.add(0, 1000)
    utilization.add(0, 1000)
  }
  assert.ok(calls.value < 1e-9)
  nearly(calls.value / utilization.value, 100)
})
