import assert from 'node:assert/strict'
import { getDiffieHellman } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { CallError } from '../../chassis/errors.ts'
import type { PoolObserver, ReplacementReason } from '../../chassis/workers/observer.ts'
import type { PoolOptions, TaskRequest, WorkerPool } from '../../chassis/workers/pool.ts'
import { startPool } from '../../chassis/workers/start-pool.ts'
import { eventually } from '../support/eventually.ts'
import { blockUntilRaised, createWord, raise, raised } from '../support/tasks/word.ts'

const tasks = new URL('../support/tasks/ways-to-end.ts', import.meta.url)
const { signal } = new AbortController()
const short = { signal, expectedMs: 0.01 }
const reason = new CallError('cancelled', 'the caller went away')

/** The prime of RFC 3526; each of OpenSSL's rounds takes about 20 ms. */
const prime = BigInt(`0x${getDiffieHellman('modp16').getPrime('hex')}`)

/** A pool that writes into `lost` why its threads were replaced, and into `wasted` how long they went on in vain. */
function poolOf(
  lost: ReplacementReason[],
  options: Partial<PoolOptions> = {},
  wasted: number[] = [],
): Promise<WorkerPool> {
  const observer: PoolObserver = {
    replaced: ({ reason: why }) => lost.push(why),
    stopped: (wastedMs) => wasted.push(wastedMs),
  }
  return startPool({ tasks, workers: 1, queueLimit: 10, observer, ...options })
}

/** A task that raises `began` and then listens to nobody. */
type DeafRequest = Omit<TaskRequest, 'signal' | 'input'> & { input: { began: Int32Array; [name: string]: unknown } }

/** Starts a task that nothing can stop, cancels it once it runs, and waits until its caller knows. */
async function cancelDeaf(pool: WorkerPool, request: DeafRequest): Promise<void> {
  const caller = new AbortController()
  const run = pool.run({ ...request, signal: caller.signal })
  await raised(request.input.began)
  caller.abort(reason)
  await assert.rejects(run, reason)
}

/** Threads of pools in this process, gone ones not counted. */
async function countThreads(): Promise<number> {
  const threads = await readdir('/proc/self/task')
  const names = threads.map((thread) => readFile(`/proc/self/task/${thread}/comm`, 'utf8').catch(() => ''))
  return (await Promise.all(names)).filter((name) => name.startsWith('worker-')).length
}

test('a worker that ignores its stop is replaced, and only its own call notices', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 10 })
  const thread = await pool.run({ task: 'thread', input: undefined, signal })
  await cancelDeaf(pool, { task: 'ignoreStop', input: { began: createWord(), gate: createWord() } })
  const next = await pool.run({ task: 'thread', input: undefined, signal })
  assert.notEqual(next.output, thread.output)
  assert.equal(next.worker, thread.worker)
  assert.deepEqual(lost, ['ignored-stop'])
})

test('a task held by a worker that ignores its stop runs on another thread', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 10 })
  const caller = new AbortController()
  const input = { began: createWord(), gate: createWord() }
  const deaf = pool.run({ task: 'ignoreStop', input, signal: caller.signal, expectedMs: 0.01 })
  await raised(input.began)
  const held = [1, 2, 3].map((given) => pool.run({ task: 'echo', input: given, ...short }))
  caller.abort(reason)
  await assert.rejects(deaf, reason)
  assert.deepEqual(
    (await Promise.all(held)).map(({ output }) => output),
    [1, 2, 3],
  )
  assert.deepEqual(lost, ['ignored-stop'])
})

test('a worker in native code that cannot be interrupted is replaced before that code ends', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 10 })
  await cancelDeaf(pool, { task: 'nativeHash', input: { began: createWord(), rounds: 3_000_000 } })
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
  assert.equal(await countThreads(), 2)
  assert.deepEqual(lost, ['ignored-stop'])
})

test('a worker that heeded its stop is kept, however late the pool hears of it', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 1 })
  const input = { began: createWord(), gate: createWord() }
  const caller = new AbortController()
  const run = pool.run({ task: 'waitUntilStopped', input, signal: caller.signal })
  await raised(input.began)
  // From here timers come before messages; and this thread hears of neither until long after the grace.
  await nextTurn()
  caller.abort(reason)
  blockUntilRaised(input.gate)
  Atomics.wait(createWord(), 0, 0, 100)
  await assert.rejects(run, reason)
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
  assert.deepEqual(lost, [])
})

test('a test of a 4096-bit prime is left at the end of a round, not of all rounds', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 10 })
  await cancelDeaf(pool, { task: 'nativePrime', input: { began: createWord(), prime, checks: 100_000 } })
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
  await eventually(async () => assert.equal(await countThreads(), 1))
  assert.deepEqual(lost, ['ignored-stop'])
})

test('threads that are still ending never outnumber the workers, and calls wait until one has ended', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 5 })
  const threads: number[] = []
  for (let call = 0; call < 4; call += 1) {
    await cancelDeaf(pool, { task: 'nativeHash', input: { began: createWord(), rounds: 600_000 } })
    threads.push(await countThreads())
  }
  assert.equal((await pool.run({ task: 'echo', input: 1, signal })).output, 1)
  assert.ok(Math.max(...threads) <= 2, `${threads.join()} threads`)
  assert.deepEqual(lost, ['ignored-stop', 'ignored-stop', 'ignored-stop', 'ignored-stop'])
})

test('tasks that cannot ask, cancelled in a row, end their threads at once, and leave one thread for each worker', async () => {
  const lost: ReplacementReason[] = []
  const wasted: number[] = []
  await using pool = await poolOf(lost, { workers: 2, stopGraceMs: 3_600_000 }, wasted)
  for (let round = 0; round < 4; round += 1) {
    const input = { began: createWord(), prime, checks: 100_000 }
    await cancelDeaf(pool, { task: 'nativePrime', input, expectedMs: 60_000, whenStopped: 'end-thread' })
    const echoes = await Promise.all([1, 2].map((given) => pool.run({ task: 'echo', input: given, signal })))
    assert.deepEqual([echoes.map(({ output }) => output), pool.busy, lost.length], [[1, 2], 0, round + 1])
  }
  await eventually(async () => assert.deepEqual([await countThreads(), wasted.length], [2, 4]))
  assert.deepEqual(lost, ['stopped', 'stopped', 'stopped', 'stopped'])
})

test('a task that cannot ask is left to finish where a new thread would cost more', async () => {
  const lost: ReplacementReason[] = []
  const wasted: number[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 3_600_000 }, wasted)
  const thread = await pool.run({ task: 'thread', input: undefined, signal })
  const input = { began: createWord(), gate: createWord() }
  await cancelDeaf(pool, { task: 'ignoreStop', input, expectedMs: 0.01, whenStopped: 'end-thread' })
  assert.deepEqual([pool.busy, wasted], [1, []])
  raise(input.gate)
  assert.equal((await pool.run({ task: 'thread', input: undefined, signal })).output, thread.output)
  assert.deepEqual([lost, wasted.length], [[], 1])
})

test('a task that is stopped before it began costs no thread', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { stopGraceMs: 3_600_000 })
  const input = { began: createWord(), gate: createWord() }
  const thread = await pool.run({ task: 'busyAfter', input, signal })
  await raised(input.began)
  const caller = new AbortController()
  const request = { input: { began: createWord(), prime, checks: 1 }, expectedMs: 60_000 }
  const run = pool.run({ task: 'nativePrime', ...request, signal: caller.signal, whenStopped: 'end-thread' })
  caller.abort(reason)
  await assert.rejects(run, reason)
  raise(input.gate)
  assert.equal((await pool.run({ task: 'thread', input: undefined, signal })).output, thread.output)
  assert.deepEqual([lost, request.input.began[0]], [[], 0])
})

test('when a thread exits, the running task is lost; the held and the queued ones run, in order', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost)
  const input = { began: createWord(), gate: createWord() }
  const exiting = pool.run({ task: 'exit', input, ...short })
  await raised(input.began)
  const order = new Int32Array(new SharedArrayBuffer(24))
  const line = [1, 2, 3, 4].map((mark) => pool.run({ task: 'line', input: { order, mark }, ...short }))
  raise(input.gate)
  await assert.rejects(exiting, { code: 'worker_lost', message: /^worker 0 died while it had this call/ })
  await Promise.all(line)
  assert.deepEqual([...order], [4, 1, 2, 3, 4, 0])
  assert.deepEqual(lost, ['died'])
})

test('a thread that dies of an error after its answer loses no call', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost)
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await pool.run({ task: 'dieLater', input: undefined, signal })).output, 'answered')
    await eventually(() => assert.equal(lost.length, round + 1))
    assert.equal((await pool.run({ task: 'echo', input: round, signal })).output, round)
  }
  assert.deepEqual(lost, ['died', 'died', 'died'])
})

test('a task that fills the memory of its thread is lost alone, with the reason as its cause', async () => {
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { workers: 2, maxHeapMb: 32 })
  const error = await pool.run({ task: 'fillMemory', input: undefined, signal }).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof CallError && error.cause instanceof Error)
  assert.equal(error.code, 'worker_lost')
  assert.match(error.cause.message, /memory limit/)
  const results = await Promise.all([1, 2, 3].map((input) => pool.run({ task: 'echo', input, signal })))
  assert.deepEqual(
    results.map(({ output }) => output),
    [1, 2, 3],
  )
  assert.deepEqual(lost, ['died'])
})

test('a pool whose replacement threads cannot start goes on trying until they can', async (t: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'pool-'))
  t.after(() => rm(folder, { recursive: true }))
  const obstacle = join(folder, 'obstacle')
  const url = new URL('../support/tasks/loads-unless.ts', import.meta.url)
  url.searchParams.set('obstacle', pathToFileURL(obstacle).href)
  const lost: ReplacementReason[] = []
  await using pool = await poolOf(lost, { tasks: url })
  await writeFile(obstacle, '')
  const beginMs = performance.now()
  await assert.rejects(pool.run({ task: 'exit', input: undefined, signal }), { code: 'worker_lost' })
  const waiting = pool.run({ task: 'echo', input: 'still here', signal })
  await eventually(() => assert.ok(lost.length >= 4))
  // One death, then three at start with 50 and 100 ms between them.
  assert.ok(performance.now() - beginMs > 140)
  assert.deepEqual([pool.workers, pool.busy, pool.waiting], [1, 0, 1])
  await rm(obstacle)
  assert.equal((await waiting).output, 'still here')
})

test('closing waits for threads that run native code, and for those that just start', async () => {
  const pool = await poolOf([], { stopGraceMs: 5, workers: 2 })
  await cancelDeaf(pool, { task: 'nativeHash', input: { began: createWord(), rounds: 600_000 } })
  await assert.rejects(pool.run({ task: 'exit', input: { began: createWord(), gate: Int32Array.of(1) }, signal }))
  await pool[Symbol.asyncDispose]()
  assert.equal(await countThreads(), 0)
})
