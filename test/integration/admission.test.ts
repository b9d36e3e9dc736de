import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setInterval } from 'node:timers/promises'
import { CallError } from '../../chassis/errors.ts'
import type { DropReason } from '../../chassis/workers/observer.ts'
import type { PoolOptions, TaskRequest, WorkerPool } from '../../chassis/workers/pool.ts'
import { startPool } from '../../chassis/workers/start-pool.ts'
import { eventually } from '../support/eventually.ts'
import { createWord, raise, raised } from '../support/tasks/word.ts'

const tasks = new URL('../support/tasks/ways-to-end.ts', import.meta.url)
const { signal } = new AbortController()
const delayTargetMs = 50

function poolOf(options: Partial<PoolOptions> = {}): Promise<WorkerPool> {
  return startPool({ tasks, workers: 1, queueLimit: 20, delayTargetMs, ...options })
}

/** Starts a task that keeps a thread until `open` is called, and is expected to take `expectedMs`. */
async function occupy(pool: WorkerPool, expectedMs: number): Promise<{ open: () => void; end: Promise<number> }> {
  const input = { began: createWord(), gate: createWord() }
  const end = pool.run<number>({ task: 'gated', input, signal, expectedMs }).then(({ worker }) => worker)
  await raised(input.began)
  return { open: () => raise(input.gate), end }
}

/** A task that waits `expectedMs` and does what it said. */
const job = (expectedMs: number, rest: Partial<TaskRequest> = {}): TaskRequest => ({
  task: 'wait',
  input: expectedMs,
  signal,
  expectedMs,
  ...rest,
})

const codeOf = (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'answered',
    (error: CallError) => error.code,
  )

test('of a burst those wait that will not wait above 100 ms, the others are held for the target and then refused', async () => {
  await using pool = await poolOf()
  const startedMs = performance.now()
  const line = Array.from({ length: 12 }, () => pool.run(job(20)).catch((error: unknown) => error))
  assert.deepEqual([pool.busy, pool.waiting, pool.inFlight], [1, 11, 12])
  // The sixth begins after 100 ms, a seventh would after 120.
  for (const refused of line.slice(6)) {
    const error = await refused
    assert.ok(error instanceof CallError)
    assert.equal(error.code, 'overloaded')
    assert.match(
      error.message,
      /^it would wait about \d+ ms for a worker, over the target of 100 ms; come back in \d+ ms$/,
    )
    assert.ok(error.retryAfterMs !== undefined && error.retryAfterMs >= 1)
    assert.ok(performance.now() - startedMs >= delayTargetMs - 1)
  }
  for (const answered of await Promise.all(line.slice(0, 6))) assert.ok(!(answered instanceof CallError))
})

test('while more is asked for than the workers can do, the target counts', async () => {
  await using pool = await poolOf()
  const ends: Promise<void>[] = []
  let refusedByTarget = 0
  const run = async (): Promise<void> => {
    const error = await pool.run(job(20)).catch((thrown: unknown) => thrown)
    if (error instanceof CallError && error.message.includes('over the target of 50 ms')) refusedByTarget += 1
  }
  // Four times as much, for at most 5 s: what is asked for is known within one.
  for await (const _ of setInterval(5)) {
    ends.push(run())
    if (refusedByTarget > 0 || ends.length >= 1000) break
  }
  await Promise.all(ends)
  assert.ok(refusedByTarget > 0)
})

test('a task that is held still gets a worker that has nothing better to do', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 40)
  // The first would wait 40 ms, the second 80: both wait. The third would wait 120, and is held.
  const line = [40, 40, 40].map((ms) => pool.run<unknown>({ ...job(ms), input: 1 }))
  assert.equal(pool.waiting, 3)
  open()
  await end
  assert.deepEqual(await Promise.all(line.map(codeOf)), ['answered', 'answered', 'answered'])
})

test('tasks that can never be done in time keep nobody out who can', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 5)
  const hopeless = Array.from({ length: 20 }, () => codeOf(pool.run(job(28, { deadlineMs: Date.now() + 25 }))))
  const honest = codeOf(pool.run(job(2, { deadlineMs: Date.now() + 5000 })))
  open()
  await end
  assert.equal(await honest, 'answered')
  assert.equal((await Promise.all(hopeless)).filter((code) => code === 'full').length, 1)
})

test('at the in-flight limit refusals are immediate, whatever a call asks for', async () => {
  await using pool = await poolOf({ queueLimit: 3 })
  const { open, end } = await occupy(pool, 40)
  const admitted = pool.run(job(20))
  const held = [1, 2].map(() => codeOf(pool.run(job(20))))
  assert.equal(pool.waiting, 3)
  assert.match(pool.refusal('interactive')?.message ?? '', /^4 tasks are in flight, the limit/)
  const atLimit = await pool.run(job(20)).catch((error: unknown) => error)
  assert.ok(atLimit instanceof CallError && atLimit.code === 'full', String(atLimit))
  open()
  await Promise.all([end, admitted, ...held])
  assert.equal(pool.refusal('interactive'), undefined)
})

test('a task that does not fit its deadline is refused, and says what it needs and what is left', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 30)
  const refused = await pool.run(job(60, { deadlineMs: Date.now() + 80 })).catch((error: unknown) => error)
  assert.ok(refused instanceof CallError)
  assert.equal(refused.code, 'overloaded')
  assert.match(
    refused.message,
    /^about \d.* ms to wait and up to 60 ms to compute do not fit the \d+ ms that are left; come back in \d+ ms$/,
  )
  open()
  await end
})

test('an idle worker takes a task whatever is expected of it', async () => {
  await using pool = await poolOf()
  assert.equal((await pool.run({ ...job(60_000, { deadlineMs: Date.now() + 1000 }), input: 1 })).worker, 0)
})

test('a task that cannot be done in time any more when its turn comes is not begun', async () => {
  const dropped: DropReason[] = []
  await using pool = await poolOf({ observer: { dropped: (reason) => dropped.push(reason) } })
  const { open, end } = await occupy(pool, 5)
  const late = codeOf(pool.run(job(20, { deadlineMs: Date.now() + 60 })))
  const other = pool.run(job(20))
  setTimeout(open, 50)
  assert.equal(await late, 'overloaded')
  assert.deepEqual(dropped, ['late'])
  await Promise.all([other, end])
})

test('a task given up in the queue is taken out of it, and counted', async () => {
  const dropped: DropReason[] = []
  await using pool = await poolOf({ observer: { dropped: (reason) => dropped.push(reason) } })
  const { open, end } = await occupy(pool, 20)
  const caller = new AbortController()
  const waiting = codeOf(pool.run(job(20, { signal: caller.signal })))
  caller.abort(new CallError('cancelled', 'the caller went away'))
  assert.equal(await waiting, 'cancelled')
  assert.deepEqual([pool.waiting, dropped], [0, ['given-up']])
  open()
  await end
})

for (const workers of [1, 2]) {
  test(`short tasks go on while long ones keep ${workers === 1 ? 'the only worker' : 'all workers'}`, async () => {
    await using pool = await poolOf({ workers })
    const long = await Promise.all(Array.from({ length: workers }, () => occupy(pool, 10_000)))
    for (let count = 0; count < 5; count += 1) assert.equal((await pool.run(job(1))).worker, workers)
    assert.deepEqual([pool.workers, pool.busy], [workers, workers])
    const more = codeOf(pool.run({ ...job(10_000), input: 1 }))
    assert.equal(pool.waiting, 1)
    for (const { open } of long) open()
    await Promise.all(long.map(({ end }) => end))
    await more
  })
}

test('a task that turns out to be long does not keep the only worker from short ones either', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 1)
  assert.equal((await pool.run(job(1))).worker, 1)
  open()
  assert.equal(await end, 0)
})

test('without long tasks there is no thread beside the workers', async () => {
  await using pool = await poolOf()
  const workers = await Promise.all(Array.from({ length: 10 }, () => pool.run(job(1))))
  assert.deepEqual(new Set(workers.map(({ worker }) => worker)), new Set([0]))
})

test('a long task waits as long as it takes itself, beyond the target', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 200)
  const long = pool.run({ ...job(300), input: 1 })
  await assert.rejects(pool.run(job(100)), { code: 'overloaded' })
  assert.equal(pool.waiting, 1)
  open()
  await Promise.all([end, long])
})

test('of a full line interactive calls have nine parts in ten, and batch calls the rest', async () => {
  await using pool = await poolOf({ queueLimit: 400, delayTargetMs: 1000, batchShare: 0.1 })
  const { open, end } = await occupy(pool, 3)
  const order: string[] = []
  const runOne = async (criticality: 'interactive' | 'batch'): Promise<void> => {
    await pool.run(job(3, { criticality }))
    order.push(criticality)
  }
  const batch = Array.from({ length: 40 }, () => runOne('batch'))
  const interactive = Array.from({ length: 40 }, () => runOne('interactive'))
  open()
  await Promise.all([...batch, ...interactive, end])
  const early = order.slice(0, 40).filter((criticality) => criticality === 'batch').length
  assert.ok(early >= 3 && early <= 9, `${early} of the first 40 were batch calls`)
})

test('batch calls that fill the queue beyond their share give way to interactive ones', async () => {
  await using pool = await poolOf({ queueLimit: 10, delayTargetMs: 1000 })
  const { open, end } = await occupy(pool, 5)
  const batch = Array.from({ length: 10 }, () => codeOf(pool.run(job(5, { criticality: 'batch' }))))
  const interactive = Array.from({ length: 12 }, () => codeOf(pool.run(job(5))))
  open()
  const counts = async (runs: Promise<string>[]): Promise<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(Object.groupBy(await Promise.all(runs), (code) => code)).map(([code, all]) => [
        code,
        all?.length ?? 0,
      ]),
    )
  assert.deepEqual(await counts(interactive), { answered: 9, full: 3 })
  assert.deepEqual(await counts(batch), { answered: 1, full: 9 })
  await end
})

test('an interactive task that will be refused anyway takes no place from a batch task that waits', async () => {
  await using pool = await poolOf({ queueLimit: 10 })
  const { open, end } = await occupy(pool, 5)
  const batch = Array.from({ length: 10 }, () => codeOf(pool.run(job(5, { criticality: 'batch' }))))
  const late = await codeOf(pool.run(job(20, { deadlineMs: Date.now() + 10 })))
  open()
  assert.equal(late, 'full')
  assert.deepEqual(new Set(await Promise.all(batch)), new Set(['answered']))
  await end
})

test('a stream that has begun is not refused in its middle for its deadline', async () => {
  await using pool = await poolOf()
  const { open, end } = await occupy(pool, 5)
  const further = codeOf(pool.run({ ...job(20, { whenFull: 'wait', deadlineMs: Date.now() + 60 }), input: 1 }))
  const other = codeOf(pool.run(job(5)))
  setTimeout(open, 50)
  assert.deepEqual([await further, await other], ['answered', 'answered'])
  await end
})

test('while the thread of the only worker is replaced, short tasks have the spare one', async () => {
  await using pool = await poolOf({ queueLimit: 128, stopGraceMs: 10 })
  const long = await occupy(pool, 10_000)
  assert.equal((await pool.run(job(1))).worker, 1)
  long.open()
  await long.end
  // Native code goes on in threads that were given up; two of them are all that one worker and its spare get.
  for (let count = 0; count < 3; count += 1) {
    const caller = new AbortController()
    const input = { began: createWord(), rounds: 2_000_000 }
    const run = codeOf(pool.run({ task: 'nativeHash', input, signal: caller.signal, expectedMs: 5000 }))
    await raised(input.began)
    caller.abort(new CallError('cancelled', 'the caller went away'))
    assert.equal(await run, 'cancelled')
  }
  const short = await Promise.all(Array.from({ length: 5 }, () => pool.run(job(5))))
  assert.deepEqual(new Set(short.map(({ worker }) => worker)), new Set([1]))
})

test('further tasks of streams take no places and keep nobody beyond the target', async () => {
  await using pool = await poolOf({ queueLimit: 4, batchShare: 0.1 })
  const { open, end } = await occupy(pool, 5)
  const streams = Array.from({ length: 40 }, () => new AbortController())
  const segments = streams.map((stream) => pool.run(job(5, { signal: stream.signal, whenFull: 'wait' })))
  assert.equal(pool.waiting, 40)
  const calls = Array.from({ length: 4 }, () => pool.run(job(5)))
  open()
  await Promise.all([...calls, ...segments, end])
  assert.deepEqual([pool.busy, pool.waiting], [0, 0])
})

test('what was expected of a task is told beside what it took', async () => {
  const told: [number, number][] = []
  await using pool = await poolOf({
    observer: { finished: (computeMs, expectedMs) => told.push([computeMs, expectedMs]) },
  })
  for (let count = 0; count < 20; count += 1) await pool.run({ task: 'wait', input: 3, signal, expectedMs: 48 })
  assert.equal(told[0]?.[1], 48)
  assert.ok((told.at(-1)?.[1] ?? 48) < 24, `expected at last: ${told.at(-1)?.[1]}`)
})

test('a worker that goes on after its call is over is told, with how long', async () => {
  const wasted: number[] = []
  await using pool = await poolOf({ observer: { stopped: (wastedMs) => wasted.push(wastedMs) } })
  const caller = new AbortController()
  const input = { began: createWord(), gate: createWord() }
  const run = pool.run({ task: 'spinUntilStopped', input, signal: caller.signal })
  await raised(input.began)
  caller.abort(new CallError('cancelled', 'the caller went away'))
  await assert.rejects(run)
  await eventually(() => assert.equal(wasted.length, 1))
  assert.ok((wasted[0] as number) >= 0)
})
