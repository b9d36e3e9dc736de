import { parentPort, workerData } from 'node:worker_threads'
import type { Task, TaskContext } from '../workload.ts'
import { monotonicMs } from './clock.ts'
import { describeThrown } from './describe-thrown.ts'
import type { Answer, Offer, Ran, Report, ThreadData } from './messages.ts'
import { StoppedError, StopFlags } from './stop-flag.ts'

/** What a tasks module exports. What a task takes is between it and its caller. */
interface TasksModule {
  tasks?: Record<string, Task<unknown, unknown>>
  warmUp?: (tasks: object) => void | Promise<void>
}

if (parentPort === null) throw new Error('this module runs in a worker thread of a pool only')
const port = parentPort
const { tasks: url, memory }: ThreadData = workerData
const flags = new StopFlags(memory)
const tasks = await loadTasks()

port.on('message', (offer: Offer) => {
  const answer = compute(offer)
  flags.end(offer.slot)
  report(answer)
})
// An offer that cannot be read here has no slot to answer for: the thread ends and the pool sees to its tasks.
port.on('messageerror', (error) => {
  throw error
})
report({ kind: 'ready' })

function compute({ slot, task, input }: Offer): Answer {
  if (!flags.begin(slot)) return { kind: 'skipped', slot }
  const startedMs = monotonicMs()
  const ran = (): Ran => ({ startedMs, computeMs: monotonicMs() - startedMs })
  try {
    const output = taskNamed(task)(input, contextOf(slot))
    return { kind: 'output', slot, output, ...ran() }
  } catch (thrown) {
    if (flags.isStopped(slot)) return { kind: 'stopped', slot, ...ran() }
    return { kind: 'thrown', slot, thrown: describeThrown(thrown), ...ran() }
  }
}

function report(message: Report): void {
  try {
    port.postMessage(message)
  } catch (error) {
    // What the task returned, or a part of what it threw, cannot be cloned; what replaces it is plain.
    if (!('startedMs' in message)) throw error
    const { slot, startedMs, computeMs } = message
    port.postMessage({ kind: 'thrown', slot, thrown: describeThrown(error), startedMs, computeMs })
  }
}

function taskNamed(name: string): Task<unknown, unknown> {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined
  if (typeof task === 'function') return task
  throw new Error(`no task ${JSON.stringify(name)}: ${url} has ${Object.keys(tasks).join(', ')}`)
}

function contextOf(slot: number): TaskContext {
  const throwIfStopped = (): void => {
    if (flags.isStopped(slot)) throw new StoppedError()
  }
  return {
    throwIfStopped,
    wait(ms) {
      // Atomics.wait takes NaN for eternity.
      if (!(ms >= 0)) throw new RangeError(`cannot wait ${ms} ms: must be 0 or more`)
      flags.wait(slot, ms)
      throwIfStopped()
    },
  }
}

async function loadTasks(): Promise<Record<string, Task<unknown, unknown>>> {
  const module: TasksModule = await import(url)
  if (module.tasks === undefined) throw new Error(`${url} does not export \`tasks\``)
  await module.warmUp?.(module.tasks)
  return module.tasks
}
