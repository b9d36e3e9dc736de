import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { CallError } from '../../chassis/errors.ts'
import type { PoolObserver, ReplacementReason } from '../../chassis/workers/observer.ts'
import type { WorkerPool } from '../../chassis/workers/pool.ts'
import { startPool } from '../../chassis/workers/start-pool.ts'
import { eventually } from '../support/eventually.ts'
import { createWord, raise, raised } from '../support/tasks/word.ts'

const tasks = new URL('../support/tasks/ways-to-end.ts', import.meta.url)
const { signal } = new AbortController()
const reason = new CallError('cancelled', 'the caller went away')

interface OpenGate {
  open: () => void
  end: Promise<unknown>
}

/** Starts a task that keeps a thread until `open` is called. */
async function occupy(pool: WorkerPool, expectedMs = 1000): Promise<OpenGate> {
  const input = { began: createWord(), gate: createWord() }
  const end = pool.run({ task: 'gated', input, signal, expectedMs })
  await raised(input.began)
  return { open: () => raise(input.gate), end }
}

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

test('a task whose signal is aborted already is not run', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 1 })
  const order = createWord()
  const run = pool.run({ task: 'line', input: { order, mark: 1 }, signal: AbortSignal.abort(reason) })
  await assert.rejects(run, reason)
  await pool.run({ task: 'echo', input: 1, signal })
  assert.equal(order[0], 0)
})

for (const [where, expectedMs] of [
  ['in the queue', 1000],
  ['held by a worker', 0.01],
] as const) {
  test(`a task cancelled ${where} gives its place back at once and is never run`, async () => {
    await using pool = await startPool({ tasks, workers: 1, queueLimit: 1 })
    const { open, end } = await occupy(pool, expectedMs)
    const order = createWord()
    const caller = new AbortController()
    const cancelled = pool.run({ task: 'line', input: { order, mark: 1 }, signal: caller.signal, expectedMs })
    assert.equal(pool.waiting, 1)
    caller.abort(reason)
    assert.equal(pool.waiting, 0)
    await assert.rejects(cancelled, reason)
    const next = pool.run({ task: 'echo', input: 'next', signal, expectedMs })
    open()
    await end
    assert.equal((await next).output, 'next')
    assert.equal(order[0], 0)
  })
}

test('a task cancelled while it waits for a place lets those behind it move up', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 0 })
  const { open, end } = await occupy(pool)
  const caller = new AbortController()
  const wait = (input: string, own: AbortSignal) => pool.run({ task: 'echo', input, signal: own, whenFull: 'wait' })
  const [first, second, third] = [wait('first', signal), wait('second', caller.signal), wait('third', signal)]
  caller.abort(reason)
  await assert.rejects(second, reason)
  open()
  await end
  assert.deepEqual([(await first).output, (await third).output], ['first', 'third'])
})

for (const task of ['spinUntilStopped', 'waitUntilStopped']) {
  test(`a running task (${task}) is stopped by its signal, and its thread goes on`, async () => {
    await using pool = await startPool({ tasks, workers: 1, queueLimit: 1, stopGraceMs: 60_000 })
    const thread = await pool.run({ task: 'thread', input: undefined, signal })
    const input = { began: createWord(), gate: createWord() }
    const caller = new AbortController()
    const run = pool.run({ task, input, signal: caller.signal })
    await raised(input.began)
    caller.abort(reason)
    await assert.rejects(run, reason)
    await raised(input.gate)
    const next = await pool.run({ task: 'thread', input: undefined, signal })
    assert.equal(next.output, thread.output)
  })
}

test('the caller of a cancelled task does not wait for its thread', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 1, stopGraceMs: 60_000 })
  const input = { began: createWord(), gate: createWord() }
  const caller = new AbortController()
  const run = pool.run({ task: 'ignoreStop', input, signal: caller.signal })
  await raised(input.began)
  caller.abort(reason)
  await assert.rejects(run, reason)
  assert.equal(pool.busy, 1)
  raise(input.gate)
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
})

test('a deadline that passes ends a running task with its reason', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 1 })
  await assert.rejects(pool.run({ task: 'spin', input: 3_600_000, signal: AbortSignal.timeout(20) }), {
    name: 'TimeoutError',
  })
  await eventually(() => assert.equal(pool.busy, 0))
})

test('a task that hides its stop and returns is cancelled for its caller all the same', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 1 })
  const began = createWord()
  const caller = new AbortController()
  const run = pool.run({ task: 'swallowStop', input: began, signal: caller.signal })
  await raised(began)
  caller.abort(reason)
  await assert.rejects(run, reason)
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
})

test('a wait that nobody stops ends by itself, and one of no length is refused', async () => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 1 })
  const { computeMs } = await pool.run({ task: 'wait', input: 5, signal })
  assert.ok(computeMs >= 4, `waited ${computeMs} ms`)
  await assert.rejects(pool.run({ task: 'wait', input: Number.NaN, signal }), { code: 'internal' })
  await assert.rejects(pool.run({ task: 'wait', input: -1, signal }), { code: 'internal' })
})

test('tasks leave nothing on their signal, and many may share one', async (t) => {
  await using pool = await startPool({ tasks, workers: 1, queueLimit: 200 })
  const warn = t.mock.method(process, 'emitWarning')
  const caller = new AbortController()
  const request = { task: 'echo', input: 1, signal: caller.signal }
  const runs = Array.from({ length: 100 }, () => pool.run(request))
  await Promise.all(runs)
  await assert.rejects(pool.run({ ...request, task: 'throwNull' }))
  assert.equal(warn.mock.callCount(), 0)
  assert.equal(getEventListeners(caller.signal, 'abort').length, 0)
  caller.abort(reason)
})

test('10 000 tasks with random lengths and cancels each end exactly once and leave nothing behind', async () => {
  const counts = { taken: 0, finished: 0, refused: 0 }
  const replaced: ReplacementReason[] = []
  const observer: PoolObserver = {
    taken: () => (counts.taken += 1),
    finished: () => (counts.finished += 1),
    refused: () => (counts.refused += 1),
    replaced: (facts) => replaced.push(facts.reason),
  }
  await using pool = await startPool({ tasks, workers: 3, queueLimit: 20, stopGraceMs: 60_000, observer })
  const random = seededRandom(20_261_124)
  const ends = { answered: 0, cancelled: 0, full: 0 }
  const oneTask = async (): Promise<void> => {
    const ms = random() ** 8 * 10
    const caller = new AbortController()
    const run = pool.run({
      task: random() < 0.5 ? 'spin' : 'wait',
      input: ms,
      signal: caller.signal,
      whenFull: random() < 0.2 ? 'refuse' : 'wait',
      ...(random() < 0.7 ? { expectedMs: ms } : {}),
    })
    if (random() < 0.3) setTimeout(() => caller.abort(reason), random() * 4)
    const code = await run.then(
      () => 'answered' as const,
      (error: CallError) => error.code,
    )
    assert.ok(code in ends, `${code} is no way to end here`)
    ends[code as keyof typeof ends] += 1
    assert.equal(getEventListeners(caller.signal, 'abort').length, 0)
    assert.ok(pool.busy <= 3 && pool.inFlight <= 60, `${pool.inFlight} in flight`)
  }
  let left = 10_000
  const callers = Array.from({ length: 60 }, async () => {
    while (left > 0) {
      left -= 1
      await oneTask()
    }
  })
  await Promise.all(callers)
  assert.equal(ends.answered + ends.cancelled + ends.full, 10_000)
  assert.equal(counts.refused, ends.full)
  assert.ok(ends.answered > 5000 && ends.cancelled > 100 && ends.full > 100, JSON.stringify(ends))
  await eventually(() => assert.deepEqual([pool.busy, pool.waiting, pool.inFlight], [0, 0, 0]))
  assert.ok(counts.taken >= ends.answered)
  assert.equal(counts.finished, counts.taken)
  assert.deepEqual(replaced, [])
})
