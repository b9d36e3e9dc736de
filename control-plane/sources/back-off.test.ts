import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BackOff, pause } from './back-off.ts'

const longest = (): BackOff => new BackOff({ minMs: 100, maxMs: 500 }, () => 1)

test('the bound of a pause doubles with each failure up to the largest', () => {
  const backOff = longest()
  assert.deepEqual(
    Array.from({ length: 5 }, () => backOff.nextMs()),
    [100, 200, 400, 500, 500],
  )
})

test('a pause stays finite after a thousand failures and more', () => {
  const backOff = longest()
  for (let failures = 0; failures < 2000; failures++) backOff.nextMs()
  assert.equal(backOff.nextMs(), 500)
})

test('after a success the pause is short again', () => {
  const backOff = longest()
  backOff.nextMs()
  backOff.nextMs()
  backOff.reset()
  assert.equal(backOff.nextMs(), 100)
})

test('a pause is random between nothing and its bound', () => {
  assert.equal(new BackOff({ minMs: 100, maxMs: 500 }, () => 0).nextMs(), 0)
  assert.equal(new BackOff({ minMs: 100, maxMs: 500 }, () => 0.5).nextMs(), 50)
})

test('a pause ends when its signal aborts, and does not begin after that', async () => {
  const stop = new AbortController()
  const paused = pause(3_600_000, stop.signal)
  stop.abort()
  await paused
  await pause(3_600_000, stop.signal)
})
