import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { mergeUpdates } from './merge-updates.ts'

/** An update that takes `busyMs` to publish, and what was published. */
function merging(busyMs = 0) {
  const published: string[] = []
  const update = mergeUpdates((value: string) => {
    const until = performance.now() + busyMs
    while (performance.now() < until);
    published.push(value)
  })
  return { published, update }
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
afterEach(() => mock.timers.reset())

test('the first update is published at once', () => {
  const { published, update } = merging()
  update('first')
  assert.deepEqual(published, ['first'])
})

test('updates that follow closely are published as one, the newest', () => {
  const { published, update } = merging()
  for (const value of ['first', 'second', 'third']) update(value)
  mock.timers.tick(20)
  assert.deepEqual(published, ['first', 'third'])
})

test('an update after a quiet time is published at once again', () => {
  const { published, update } = merging()
  update('first')
  mock.timers.tick(20)
  update('second')
  assert.deepEqual(published, ['first', 'second'])
})

test('publishing that takes long leaves as much time for everything else', () => {
  const { published, update } = merging(60)
  update('first')
  update('second')
  mock.timers.tick(59)
  assert.deepEqual(published, ['first'])
  mock.timers.tick(10_000)
  assert.deepEqual(published, ['first', 'second'])
})

test('once it is disposed nothing is published, neither what waits nor what comes', () => {
  const { published, update } = merging()
  update('first')
  update('waits')
  update[Symbol.dispose]()
  mock.timers.tick(1000)
  update('comes')
  const unused = merging()
  unused.update[Symbol.dispose]()
  unused.update('comes')
  assert.deepEqual([published, unused.published], [['first'], []])
})
