import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairLine, type Flow, type Place, type Queued } from './fair-line.ts'

interface Task extends Queued {
  name: string
}

const shares = { interactive: 0.8, batch: 0.1, underway: 0.1 }

function taskOf(flow: Flow, facts: Partial<Task> = {}): Task {
  return { flow, meanMs: 10, isLong: false, name: flow, ...facts }
}

/** Takes out and begins what is next, `count` times. */
function serve(line: FairLine<Task>, places: Map<Task, Place<Task>>, count: number): string[] {
  const served: string[] = []
  for (let task = line.next(); task !== undefined && served.length < count; task = line.next()) {
    line.remove(places.get(task) as Place<Task>)
    line.begin(task)
    served.push(task.name)
  }
  return served
}

function fill(...tasks: Task[]): { line: FairLine<Task>; places: Map<Task, Place<Task>> } {
  const line = new FairLine<Task>(shares)
  return { line, places: new Map(tasks.map((task) => [task, line.push(task)])) }
}

const many = (count: number, make: () => Task): Task[] => Array.from({ length: count }, make)

test('tasks of one flow leave in the order in which they came, short and long alike', () => {
  const tasks = [1, 2, 3, 4].map((name) => taskOf('interactive', { name: String(name), isLong: name % 2 === 0 }))
  const { line, places } = fill(...tasks)
  assert.equal(line.next(true)?.name, '1')
  assert.equal(line.last('interactive')?.name, '4')
  assert.deepEqual(serve(line, places, 9), ['1', '2', '3', '4'])
  assert.equal(line.size, 0)
})

test('each flow has its share of the time while all have work', () => {
  const tasks = [
    ...many(100, () => taskOf('batch')),
    ...many(100, () => taskOf('interactive')),
    ...many(100, () => taskOf('underway')),
  ]
  const { line, places } = fill(...tasks)
  const served = serve(line, places, 100)
  const count = (flow: Flow): number => served.filter((name) => name === flow).length
  assert.deepEqual([count('interactive'), count('batch'), count('underway')], [80, 10, 10])
})

test('a share is one of time, not of tasks', () => {
  const { line, places } = fill(
    ...many(100, () => taskOf('batch', { meanMs: 100 })),
    ...many(1000, () => taskOf('interactive', { meanMs: 1 })),
  )
  const batches = serve(line, places, 810).filter((name) => name === 'batch').length
  assert.ok(batches === 1 || batches === 2, `${batches} of 100 ms beside 800 of 1 ms`)
})

test('what a flow does not use is there for the others, and is not saved up', () => {
  const { line, places } = fill(...many(50, () => taskOf('batch')))
  serve(line, places, 40)
  const late = many(30, () => taskOf('interactive'))
  for (const task of late) places.set(task, line.push(task))
  const next = serve(line, places, 20)
  assert.ok(next.filter((name) => name === 'batch').length >= 2, next.join(' '))
})

test('a flow pays for what its tasks took more than expected, and has back what they took less', () => {
  const { line, places } = fill(...many(10, () => taskOf('batch')), ...many(10, () => taskOf('underway')))
  serve(line, places, 2)
  line.charge('batch', 30)
  assert.deepEqual(serve(line, places, 4), ['underway', 'underway', 'underway', 'batch'])
})

test('a task that is put back is first again and costs nothing', () => {
  const [first, second] = [taskOf('interactive', { name: 'first' }), taskOf('interactive', { name: 'second' })]
  const { line, places } = fill(first, second)
  serve(line, places, 1)
  places.set(first, line.putBack(first))
  assert.deepEqual(serve(line, places, 2), ['first', 'second'])
})

test('before a task lie all of its flow and what the shares of the others make of it, without long ones for a short one', () => {
  const { line } = fill(
    ...many(8, () => taskOf('interactive')),
    ...many(100, () => taskOf('batch')),
    taskOf('interactive', { meanMs: 1000, isLong: true }),
  )
  const aheadMs = (flow: Flow, isLong = false): number => Math.round(line.workAheadMs({ flow, isLong }))
  assert.equal(aheadMs('interactive'), 80 + 10)
  assert.equal(aheadMs('interactive', true), 1080 + 135)
  assert.equal(aheadMs('batch'), 1000 + 80)
  assert.equal(aheadMs('underway'), 0)
})
