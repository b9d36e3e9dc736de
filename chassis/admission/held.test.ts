import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Held } from './held.ts'

interface Task {
  name: string
  meanMs: number
  isLong: boolean
}

const taskOf = (name: string, isLong = false): Task => ({ name, meanMs: 5, isLong })

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
  assert.deepEqual([held.size, held.workMs], [3, 15])
  held.remove(gone)
  await promise
  assert.ok(performance.now() - startedMs >= 18)
  assert.deepEqual(told, ['first', 'second'])
  assert.deepEqual([held.size, held.workMs], [0, 0])
})

test('the first, the last, and the first that is short are found', () => {
  const held = new Held<Task>(1000, () => {})
  for (const task of [taskOf('long', true), taskOf('short'), taskOf('last', true)]) held.push(task)
  assert.deepEqual([held.first(false)?.name, held.first(true)?.name, held.last?.name], ['long', 'short', 'last'])
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
