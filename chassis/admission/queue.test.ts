import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedQueue, type QueueEntry } from './queue.ts'

function drain<T>(queue: BoundedQueue<T>): T[] {
  const values: T[] = []
  for (let value = queue.shift(); value !== undefined; value = queue.shift()) values.push(value)
  return values
}

test('values leave in the order in which they came', () => {
  const queue = new BoundedQueue<number>(3)
  for (const value of [1, 2, 3]) queue.push(value)
  assert.deepEqual([queue.size, queue.first], [3, 1])
  assert.deepEqual(drain(queue), [1, 2, 3])
  assert.deepEqual([queue.size, queue.first, queue.shift()], [0, undefined, undefined])
})

test('a place is free until as many values are in line, and in use elsewhere, as there are places', () => {
  const queue = new BoundedQueue<number>(2)
  assert.deepEqual([queue.hasPlace(), queue.hasPlace(1), queue.hasPlace(2)], [true, true, false])
  queue.push(1)
  assert.deepEqual([queue.hasPlace(), queue.hasPlace(1)], [true, false])
  queue.push(2)
  assert.equal(queue.hasPlace(), false)
  assert.equal(new BoundedQueue(0).hasPlace(), false)
})

test('a value without a place stands behind all that have one', () => {
  const queue = new BoundedQueue<number>(1)
  for (const value of [1, 2, 3]) queue.push(value)
  queue.shift()
  assert.equal(queue.hasPlace(), false)
  assert.deepEqual(drain(queue), [2, 3])
})

test('a value that is put back is first again', () => {
  const queue = new BoundedQueue<number>(1)
  queue.unshift(2)
  queue.unshift(1)
  queue.push(3)
  assert.deepEqual(drain(queue), [1, 2, 3])
})

for (const removed of [1, 2, 3]) {
  test(`value ${removed} of three can be taken out alone`, () => {
    const queue = new BoundedQueue<number>(3)
    const entries = [1, 2, 3].map((value) => queue.push(value))
    queue.remove(entries[removed - 1] as QueueEntry<number>)
    queue.push(4)
    assert.equal(queue.size, 3)
    assert.deepEqual(
      drain(queue),
      [1, 2, 3, 4].filter((value) => value !== removed),
    )
  })
}

test('the queue does what a plain list does, over many steps', () => {
  const queue = new BoundedQueue<number>(10)
  const list: QueueEntry<number>[] = []
  for (let step = 0, state = 1; step < 5000; step += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const choice = (state >>> 16) % 5
    if (choice < 2) list.push(queue.push(step))
    else if (choice === 2) list.unshift(queue.unshift(step))
    else if (choice === 3) assert.equal(queue.shift(), list.shift()?.value)
    else for (const entry of list.splice((state >>> 20) % (list.length + 1), 1)) queue.remove(entry)
    assert.deepEqual([queue.size, queue.first], [list.length, list[0]?.value])
  }
  assert.deepEqual(
    drain(queue),
    list.map(({ value }) => value),
  )
})
