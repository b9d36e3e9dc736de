import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastingFault } from './lasting-fault.ts'

/** What is told of these readings, of which an empty one finds nothing wrong. */
function toldOf(...readings: string[]): string[] {
  const told: string[] = []
  const read = lastingFault(({ message }) => told.push(message))
  for (const message of readings) read(message === '' ? undefined : new Error(message))
  return told
}

test('a fault of one reading is not told', () => {
  assert.deepEqual(toldOf('', 'torn', '', 'torn', ''), [])
  assert.deepEqual(toldOf('torn', 'otherwise torn', ''), [])
})

test('a fault that stays is told once, and again when it was gone', () => {
  assert.deepEqual(toldOf('wrong', 'wrong', 'wrong', 'wrong'), ['wrong'])
  assert.deepEqual(toldOf('wrong', 'wrong', '', 'wrong', 'wrong'), ['wrong', 'wrong'])
})

test('a fault that becomes another is told as that', () => {
  assert.deepEqual(toldOf('wrong', 'wrong', 'missing', 'missing', 'missing'), ['wrong', 'missing'])
})

test('a fault that another one interrupts for a moment is told once', () => {
  assert.deepEqual(toldOf('wrong', 'wrong', 'torn', 'wrong', 'wrong'), ['wrong'])
})
