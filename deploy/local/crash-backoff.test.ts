import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CrashBackoff } from './crash-backoff.ts'

test('the first crash is repaired at once, those that follow wait longer, up to ten seconds', () => {
  const backoff = new CrashBackoff()
  const pauses = Array.from({ length: 9 }, (_, index) => backoff.next(index * 1000))
  assert.deepEqual(pauses, [0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
})

test('a crash after a quiet minute is a first one again', () => {
  const backoff = new CrashBackoff()
  backoff.next(0)
  assert.equal(backoff.next(1000), 250)
  assert.equal(backoff.next(61_001), 0)
})
