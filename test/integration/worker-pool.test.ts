import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallError } from '../../chassis/errors.ts'
import type { PoolObserver } from '../../chassis/workers/observer.ts'
import type { PoolOptions, WorkerPool } from '../../chassis/workers/pool.ts'
import { startPool } from '../../chassis/workers/start-pool.ts'
import { eventually } from '../support/eventually.ts'
import { createWord, raise, raised } from '../support/tasks/word.ts'

const tasks = new URL('../support/tasks/ways-to-end.ts', import.meta.url)
const { signal } = new AbortController()
const short = { signal, expectedMs: 0.01 }

function poolOf(options: Partial<PoolOptions> = {}): Promise<WorkerPool> {
  return startPool({ tasks, workers: 1, queueLimit: 100, ...options })
}

/** Starts a task that keeps a thread until `open` is called; `end` tells which worker ran it. */
async function occupy(pool: WorkerPool, extra: object = {}): Promise<{ open: () => void; end: Promise<number> }> {
  const input = { began: createWord(), gate: createWord() }
  const end = pool.run<number>({ task: 'gated', input, signal, ...extra }).then((result) => result.worker)
  await raised(input.began)
  return { open: () => raise(input.gate), end }
}

function createOrder(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer((length + 1) * Int32Array.BYTES_PER_ELEMENT))
}

test('tasks one after the other take turns on all workers', async () => {
  await using pool = await poolOf({ workers: 4 })
  const perWorker = [0, 0, 0, 0]
  for (let count = 0; count < 40; count += 1) {
    const { worker } = await pool.run({ task: 'thread', input: undefined, signal })
    perWorker[worker] = (perWorker[worker] ?? 0) + 1
  }
  assert.deepEqual(perWorker, [10, 10, 10, 10])
})

test('as many tasks run at once as there are workers, each on a thread of its own', async () => {
  await using pool = await poolOf({ workers: 3 })
  const request = { task: 'meet', input: { word: createWord(), count: 3 }, ...short }
  const results = await Promise.all([1, 2, 3].map(() => pool.run<number>(request)))
  assert.equal(new Set(results.map(({ output }) => output)).size, 3)
  assert.deepEqual(
    results.map(({ worker }) => worker).toSorted((a, b) => a - b),
    [0, 1, 2],
  )
})

for (const expectedMs of [0.01, 1000]) {
  test(`tasks begin in the order in which they came (expectedMs ${expectedMs})`, async () => {
    await using pool = await poolOf()
    const order = createOrder(50)
    const { open } = await occupy(pool, { expectedMs })
    const marks = Array.from({ length: 50 }, (_, index) => index + 1)
    const line = marks.map((mark) => pool.run({ task: 'line', input: { order, mark }, signal, expectedMs }))
    open()
    await Promise.all(line)
    assert.deepEqual([...order], [50, ...marks])
  })
}

test('a task beyond queue limit + workers is refused at once; a place that is free again is given again', async () => {
  await using pool = await poolOf({ workers: 2, queueLimit: 3 })
  const busy = [await occupy(pool), await occupy(pool)]
  const queued = [1, 2, 3].map((input) => pool.run<number>({ task: 'echo', input, signal }))
  assert.deepEqual([pool.workers, pool.busy, pool.waiting, pool.inFlight], [2, 2, 3, 5])

  const refused = await pool.run({ task: 'echo', input: 4, signal }).catch((error: unknown) => error)
  assert.ok(refused instanceof CallError)
  assert.equal(refused.code, 'full')
  assert.match(refused.message, /^5 tasks are in flight, the limit \(3 waiting \+ 2 workers\)/)
  assert.ok(refused.retryAfterMs !== undefined && refused.retryAfterMs >= 1 && Number.isInteger(refused.retryAfterMs))

  for (const { open } of busy) open()
  const outputs = (await Promise.all(queued)).map(({ output }) => output)
  assert.deepEqual(outputs, [1, 2, 3])
  await Promise.all(busy.map(({ end }) => end))
  assert.deepEqual([pool.busy, pool.waiting, pool.inFlight], [0, 0, 0])
  assert.equal((await pool.run({ task: 'echo', input: 5, signal })).output, 5)
})

test('a task held in advance takes a place of the queue', async () => {
  await using pool = await poolOf({ queueLimit: 1 })
  const { open } = await occupy(pool, short)
  const held = pool.run({ task: 'echo', input: 1, ...short })
  assert.deepEqual([pool.waiting, pool.inFlight], [1, 2])
  await assert.rejects(pool.run({ task: 'echo', input: 2, ...short }), { code: 'full' })
  open()
  assert.equal((await held).output, 1)
})

test('with a queue limit of 0 a task runs on a free worker or is refused', async () => {
  await using pool = await poolOf({ queueLimit: 0 })
  const { open, end } = await occupy(pool, short)
  await assert.rejects(pool.run({ task: 'echo', input: 1, ...short }), { code: 'full' })
  open()
  await end
  assert.equal((await pool.run({ task: 'echo', input: 2, ...short })).output, 2)
})

test('a task that may wait for a place gets one in its turn, and lets nobody pass', async () => {
  await using pool = await poolOf({ queueLimit: 2 })
  const order = createOrder(6)
  const { open } = await occupy(pool)
  const line = [1, 2, 3, 4, 5, 6].map((mark) =>
    pool.run({ task: 'line', input: { order, mark }, signal, whenFull: mark > 2 ? 'wait' : 'refuse' }),
  )
  assert.deepEqual([pool.waiting, pool.inFlight], [3, 4])
  await assert.rejects(pool.run({ task: 'echo', input: 7, signal }), { code: 'full' })
  open()
  await Promise.all(line)
  assert.deepEqual([...order], [6, 1, 2, 3, 4, 5, 6])
})

test('tasks of one call that may wait take no more places than there are workers, and keep their order', async () => {
  await using pool = await poolOf({ workers: 1, queueLimit: 4 })
  const order = createOrder(6)
  const { open } = await occupy(pool)
  const line = [1, 2, 3, 4, 5, 6].map((mark) =>
    pool.run({ task: 'line', input: { order, mark }, signal, whenFull: 'wait' }),
  )
  assert.equal(pool.waiting, 1)
  const other = { task: 'echo', input: 1, signal: new AbortController().signal, whenFull: 'wait' } as const
  const others = [1, 2].map(() => pool.run(other))
  assert.equal(pool.waiting, 2)
  open()
  const results = await Promise.all(line)
  await Promise.all(others)
  assert.deepEqual([...order], [6, 1, 2, 3, 4, 5, 6])
  const waits = results.map(({ queueMs }) => queueMs)
  assert.deepEqual(
    waits,
    waits.toSorted((a, b) => a - b),
    'the wait for a turn counts',
  )
})

test('a task held by a busy worker is taken back by one that has nothing to do', async () => {
  await using pool = await poolOf({ workers: 2 })
  const first = await occupy(pool, short)
  const second = await occupy(pool, short)
  const held = pool.run<number>({ task: 'thread', input: undefined, ...short })
  second.open()
  assert.equal((await held).worker, await second.end)
  first.open()
  assert.notEqual(await first.end, await second.end)
})

test('a task held behind one that takes longer than it said begins before those that came later', async () => {
  const shortTaskMs = 0.02
  await using pool = await poolOf({ workers: 2, shortTaskMs })
  const first = await occupy(pool, short)
  const second = await occupy(pool)
  const order = createOrder(2)
  const heldAtMs = performance.now()
  const held = pool.run({ task: 'line', input: { order, mark: 1 }, ...short })
  const later = pool.run({ task: 'line', input: { order, mark: 2 }, signal })
  await eventually(() => assert.ok(performance.now() - heldAtMs > shortTaskMs))
  second.open()
  await Promise.all([held, later])
  assert.deepEqual([...order], [2, 1, 2])
  first.open()
  await first.end
})

test('the wait in the queue is told with the answer, and to the observer', async () => {
  const told: [string, number][] = []
  const observer: PoolObserver = {
    waiting: () => told.push(['waiting', 0]),
    taken: (queueMs) => told.push(['taken', queueMs]),
    finished: (computeMs) => told.push(['finished', computeMs]),
    refused: () => told.push(['refused', 0]),
  }
  await using pool = await poolOf({ queueLimit: 1, observer })
  const { open } = await occupy(pool)
  const queued = pool.run({ task: 'wait', input: 5, signal })
  const queuedMs = performance.now()
  await assert.rejects(pool.run({ task: 'echo', input: 1, signal }))
  const waitedMs = performance.now() - queuedMs
  open()
  const { queueMs, computeMs } = await queued
  assert.deepEqual(
    told.map(([name]) => name),
    ['waiting', 'refused', 'taken', 'finished', 'taken', 'finished'],
  )
  assert.deepEqual(told.slice(-2), [
    ['taken', queueMs],
    ['finished', computeMs],
  ])
  assert.ok(queueMs >= waitedMs, `${queueMs} ms told, ${waitedMs} ms waited`)
  assert.ok(computeMs > 0)
})

test('a CallError of a task reaches its caller as it was', async () => {
  await using pool = await poolOf()
  const error = await pool.run({ task: 'throwCallError', input: 'number', signal }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CallError)
  assert.equal(error.code, 'invalid_argument')
  assert.equal(error.message, 'number: must be odd')
  assert.deepEqual(error.violations, [{ field: 'number', description: 'must be odd' }])
})

for (const [task, name, message] of [
  ['throwTypeError', 'TypeError', /^six is not a colour/],
  ['throwUndefined', 'Thrown', /^undefined/],
  ['throwNull', 'Thrown', /^null/],
  ['throwObject', 'Thrown', /^\{ six: 'not a colour' \}$/],
  ['throwTrap', 'Thrown', /^something that cannot be described/],
  ['throwForeignCode', 'CallError', /^from elsewhere/],
  ['overflow', 'RangeError', /^Maximum call stack size exceeded/],
  ['returnFunction', 'DataCloneError', /^\(\) => undefined could not be cloned\./],
  ['returnPromise', 'DataCloneError', /^#<Promise> could not be cloned\./],
  ['toString', 'Error', /^no task "toString": .* has echo, /],
  ['', 'Error', /^no task "": /],
] as const) {
  test(`task ${JSON.stringify(task)} ends as internal with its cause, and the worker goes on`, async () => {
    await using pool = await poolOf()
    const thread = await pool.run<number>({ task: 'thread', input: undefined, signal })
    const error = await pool.run({ task, input: undefined, signal }).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof CallError)
    assert.equal(error.code, 'internal')
    assert.doesNotMatch(error.message, /colour|elsewhere|clone|task/)
    assert.ok(error.cause instanceof Error)
    assert.equal(error.cause.name, name)
    assert.match(error.cause.message, message)
    const next = await pool.run<number>({ task: 'thread', input: undefined, signal })
    assert.equal(next.output, thread.output)
  })
}

test('an input that cannot be sent to a thread ends as internal, on a free worker, held and from the queue', async () => {
  await using pool = await poolOf()
  const broken = { task: 'echo', input: () => 1, ...short }
  const error = await pool.run(broken).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CallError && error.cause instanceof Error)
  assert.deepEqual([error.code, error.cause.name], ['internal', 'DataCloneError'])
  const { open, end } = await occupy(pool, short)
  const runs = [broken, broken, { ...broken, input: 'fine' }, broken, { ...broken, input: 'fine' }].map((request) =>
    pool.run(request).catch((thrown: unknown) => thrown),
  )
  open()
  await end
  const ends = (await Promise.all(runs)).map((result) => (result instanceof CallError ? result.code : 'answered'))
  assert.deepEqual(ends, ['internal', 'internal', 'answered', 'internal', 'answered'])
  assert.deepEqual([pool.busy, pool.waiting], [0, 0])
})

test('a pool is ready when each of its threads is warm', async () => {
  await using pool = await poolOf({ tasks: new URL('../support/tasks/warm.ts', import.meta.url), workers: 2 })
  const warm = await Promise.all([1, 2].map(() => pool.run({ task: 'isWarm', input: undefined, signal })))
  assert.deepEqual(
    warm.map(({ output }) => output),
    [true, true],
  )
})

for (const [module, reason] of [
  ['missing', /Cannot find module/],
  ['no-tasks', /does not export `tasks`/],
  ['cannot-warm-up', /too cold/],
  ['exits', /it ended by itself/],
] as const) {
  test(`a pool whose tasks are the module "${module}" says why it cannot start`, async () => {
    const url = new URL(`../support/tasks/${module}.ts`, import.meta.url)
    const starting = poolOf({ tasks: url, workers: 2 })
    await assert.rejects(
      starting,
      (error: Error) => error.message.includes(`/${module}.ts: `) && reason.test(error.message),
    )
  })
}

test('a pool without workers is refused', async () => {
  await assert.rejects(poolOf({ workers: 0 }), /workers=0: must be 1 or more/)
})

test('closing rejects what waits and what runs, ends all threads, and may be done twice', async () => {
  const pool = await poolOf({ workers: 2, queueLimit: 2 })
  const busy = [await occupy(pool), await occupy(pool)]
  const queued = [1, 2].map((input) => pool.run({ task: 'echo', input, signal }))
  const waiting = pool.run({ task: 'echo', input: 3, signal, whenFull: 'wait' })
  const ends = [...busy.map(({ end }) => end), ...queued, waiting].map((end) =>
    assert.rejects(end, { code: 'draining' }),
  )
  await Promise.all([pool[Symbol.asyncDispose](), pool[Symbol.asyncDispose](), ...ends])
  await assert.rejects(pool.run({ task: 'echo', input: 4, signal }), { code: 'draining' })
  assert.deepEqual([pool.busy, pool.waiting], [0, 0])
  await pool[Symbol.asyncDispose]()
})

test('a start that is aborted while a thread never finishes its warm-up rejects and leaves no thread', async () => {
  const neverWarm = new URL('data:text/javascript,export const tasks = {}; export function warmUp() { for (;;); }')
  const aborted = new AbortController()
  const starting = startPool({ tasks: neverWarm, workers: 2, queueLimit: 1, signal: aborted.signal })
  aborted.abort(new Error('asked to stop'))
  await assert.rejects(starting, /asked to stop/)
})
