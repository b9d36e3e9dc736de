import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Line, type LineEntry } from './line.ts'

function shift<T>(line: Line<T>): T | undefined {
  const entry = line.firstEntry
  if (entry !== undefined) line.remove(entry)
  return entry?.value
}

function drain<T>(line: Line<T>): T[] {
  const values: T[] = []
  for (let value = shift(line); value !== undefined; value = shift(line)) values.push(value)
  return values
}

test('values leave in the order in which they came', () => {
  const line = new Line<number>()
  for (const value of [1, 2, 3]) line.push(value)
  assert.deepEqual([line.size, line.first, line.last], [3, 1, 3])
  assert.deepEqual(drain(line), [1, 2, 3])
  assert.deepEqual([line.size, line.first, shift(line)], [0, undefined, undefined])
})

test('a value that is put back is first again', () => {
  const line = new Line<number>()
  line.unshift(2)
  line.unshift(1)
  line.push(3)
  assert.deepEqual(drain(line), [1, 2, 3])
})

for (const removed of [1, 2, 3]) {
  test(`value ${removed} of three can be taken out alone`, () => {
    const line = new Line<number>()
    const entries = [1, 2, 3].map((value) => line.push(value))
    line.remove(entries[removed - 1] as LineEntry<number>)
    line.push(4)
    assert.equal(line.size, 3)
    assert.deepEqual(
      drain(line),
      [1, 2, 3, 4].filter((value) => value !== removed),
    )
  })
}

test('a line does what a plain list does, over many steps', () => {
  const line = new Line<number>()
  const list: LineEntry<number>[] = []
  for (let step = 0, state = 1; step < 5000; step += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const choice = (state >>> 16) % 5
    if (choice < 2) list.push(line.push(step))
    else if (choice === 2) list.unshift(line.unshift(step))
    else if (choice === 3) assert.equal(shift(line), list.shift()?.value)
    else for (const entry of list.splice((state >>> 20) % (list.length + 1), 1)) line.remove(entry)
    assert.deepEqual([line.size, line.first, line.last], [list.length, list[0]?.value, list.at(-1)?.value])
  }
  assert.deepEqual(
    drain(line),
    list.map(({ value }) => value),
  )
})
