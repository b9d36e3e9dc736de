import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Queued } from './fair-line.ts'
import { Held } from './held.ts'

interface Task extends Queued {
  name: string
}

const taskOf = (name: string, facts: Partial<Task> = {}): Task => ({
  name,
  flow: 'interactive',
  meanMs: 5,
  isLong: false,
  ...facts,
})

test('tasks are told in the order in which they came, and not before their time', async () => {
  const told: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const held = new Held<Task>(20, ({ name }) => {
    told.push(name)
    if (name === 'second') resolve()
  })
  const startedMs = performance.now()
  held.push(taskOf('first'))
  const gone = held.push(taskOf('gone'))
  held.push(taskOf('second'))
  assert.deepEqual([held.size, held.workMs(gone.value.task)], [3, 15])
  held.remove(gone)
  await promise
  assert.ok(performance.now() - startedMs >= 18)
  assert.deepEqual(told, ['first', 'second'])
  assert.deepEqual([held.size, held.workMs(gone.value.task)], [0, 0])
})

test('the first, the first that is short, the last of a flow and the work of one are found', () => {
  const held = new Held<Task>(1000, () => {})
  const [long, short, batch] = [taskOf('long', { isLong: true }), taskOf('short'), taskOf('batch', { flow: 'batch' })]
  for (const task of [long, short, batch]) held.push(task)
  assert.deepEqual([held.first('interactive', false), held.first('interactive', true)], [long, short])
  assert.deepEqual([held.last('interactive'), held.last('batch'), held.last('underway')], [short, batch, undefined])
  assert.deepEqual([held.workMs(long), held.workMs(short), held.workMs(batch)], [10, 5, 5])
  held.close()
})

test('whoever is closed tells nobody', async () => {
  const held = new Held<Task>(5, () => assert.fail('nobody is told'))
  held.push(taskOf('first'))
  held.close()
  // A timer that was set later and waits longer comes after the one that must not come.
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(held.size, 1)
})
