import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectedWaitMs, type Running } from './expected-wait.ts'
import { FairLine, type Queued } from './fair-line.ts'

const running = (offeredMs: number, facts: Partial<Running> = {}): Running => ({
  meanMs: 10,
  highMs: 40,
  isLong: false,
  offeredMs,
  ...facts,
})

function waitMs(now: readonly Running[], { queued = 0, workers = 2, isLong = false } = {}): number {
  const line = new FairLine<Queued>({ interactive: 0.8, batch: 0.1, underway: 0.1 })
  for (let count = 0; count < queued; count += 1) line.push({ flow: 'interactive', meanMs: 10, isLong: false })
  return expectedWaitMs({ flow: 'interactive', isLong }, { line, heldMs: 0, running: now, workers, nowMs: 100 })
}

test('what runs and what waits is divided by the workers', () => {
  assert.equal(waitMs([running(95), running(100)], { queued: 4 }), (5 + 10 + 40) / 2)
})

test('a task over its mean is taken for a long one of its kind, and one over all that was seen for done', () => {
  assert.equal(waitMs([running(80), running(0)]), 20 / 2)
})

test('long tasks leave the other workers to short ones, and the spare one at the least', () => {
  const long = running(100, { meanMs: 500, highMs: 500, isLong: true })
  assert.equal(waitMs([long, running(100)], { queued: 2 }), 10 + 20)
  assert.equal(waitMs([long, long], { queued: 2 }), 20)
  assert.equal(waitMs([long, long], { queued: 2, isLong: true }), (1000 + 20) / 2)
})
