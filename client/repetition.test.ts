import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata, status } from '@grpc/grpc-js'
import { Repetition, type RepetitionPolicy } from './repetition.ts'
import { RetryBudget } from './retry-budget.ts'

interface Failed {
  code?: status
  details?: string
  pushback?: string
  headersSeen?: boolean
  timeLeftMs?: number
}

const repetitionOf = (changes: Partial<RepetitionPolicy> = {}) =>
  new Repetition({ budget: new RetryBudget(), repeatRefused: true, unavailableByRoute: false, ...changes })

const failed = ({ code = status.UNAVAILABLE, details = '', pushback, headersSeen = false, timeLeftMs }: Failed) => {
  const metadata = new Metadata()
  if (pushback !== undefined) metadata.set('grpc-retry-pushback-ms', pushback)
  return { failure: { code, details, metadata }, headersSeen, timeLeftMs: timeLeftMs ?? Number.POSITIVE_INFINITY }
}

const refused: Failed = { code: status.RESOURCE_EXHAUSTED, pushback: '20' }

const pauseOf = (failure: Failed, changes?: Partial<RepetitionPolicy>) => repetitionOf(changes).pauseMs(failed(failure))

test('pauses double, vary by a fifth, and the fourth failure stands', () => {
  for (let round = 0; round < 100; round += 1) {
    const repetition = repetitionOf()
    for (const meanMs of [50, 100, 200]) {
      const pauseMs = repetition.pauseMs(failed({})) ?? 0
      assert.ok(pauseMs >= meanMs * 0.8 && pauseMs <= meanMs * 1.2 + 2, `${pauseMs} for ${meanMs}`)
    }
    assert.equal(repetition.repeats, 3)
    assert.equal(repetition.pauseMs(failed({})), undefined)
  }
})

test('a cut is repeated, and an INTERNAL of a server is not', () => {
  const cut = 'Received RST_STREAM with code 2 (Internal server error)'
  assert.ok(pauseOf({ code: status.INTERNAL, details: cut, headersSeen: true }))
  assert.equal(pauseOf({ code: status.INTERNAL, details: 'division by zero', headersSeen: true }), undefined)
})

test('the pushback of a replica is kept to, and what is no number says never', () => {
  for (const failure of [refused, { pushback: '20' }]) {
    for (let round = 0; round < 100; round += 1) {
      const pauseMs = pauseOf(failure) ?? 0
      assert.ok(pauseMs > 20 && pauseMs <= 26, String(pauseMs))
    }
    for (const pushback of ['-1', 'soon', '']) assert.equal(pauseOf({ ...failure, pushback }), undefined)
  }
  // grpc-js sends these on at once.
  assert.equal(pauseOf({ ...refused, pushback: '1e3' }), undefined)
})

test('a refused call is repeated once, and only where the replica says when', () => {
  const repetition = repetitionOf()
  assert.ok(repetition.pauseMs(failed(refused)))
  assert.equal(repetition.pauseMs(failed(refused)), undefined)
  assert.equal(pauseOf({ code: status.RESOURCE_EXHAUSTED }), undefined)
  assert.equal(pauseOf(refused, { repeatRefused: false }), undefined)
})

test('a call is not repeated when its time is up before', () => {
  assert.equal(pauseOf({ ...refused, timeLeftMs: 20 }), undefined)
  assert.equal(pauseOf({ timeLeftMs: 0 }), undefined)
  assert.ok(pauseOf({ ...refused, timeLeftMs: 30 }))
})

test('what the route of a control plane repeats is left to it', () => {
  assert.equal(pauseOf({}, { unavailableByRoute: true }), undefined)
  assert.ok(pauseOf({ headersSeen: true }, { unavailableByRoute: true }))
})

test('statuses that say nothing about the replica are neither repeated nor counted', () => {
  const budget = new RetryBudget()
  for (let round = 0; round < 1000; round += 1) {
    for (const code of [status.INVALID_ARGUMENT, status.DEADLINE_EXCEEDED, status.CANCELLED, status.INTERNAL]) {
      assert.equal(pauseOf({ code }, { budget }), undefined)
    }
  }
  assert.ok(pauseOf({}, { budget }))
})
