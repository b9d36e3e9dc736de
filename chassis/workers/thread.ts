import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { TaskContext, Tasks } from '../workload.ts'
import { monotonicMs } from './clock.ts'
import { describeThrown } from './describe-thrown.ts'
import type { Answer, Offer, Ran, Report, ThreadData } from './messages.ts'
import { slotCount, StoppedError, StopFlags } from './stop-flag.ts'

const port = parentPort as MessagePort
const { tasks: url, memory } = workerData as ThreadData
const flags = new StopFlags(memory)
const contexts = Array.from({ length: slotCount }, (_, slot) => contextOf(slot))
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
    const output = taskNamed(task)(input as never, contexts[slot] as TaskContext)
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
    // Only an output can be impossible to clone; what replaces it is plain.
    if (message.kind !== 'output') throw error
    const { slot, startedMs, computeMs } = message
    port.postMessage({ kind: 'thrown', slot, thrown: describeThrown(error), startedMs, computeMs })
  }
}

function taskNamed(name: string): Tasks[string] {
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

async function loadTasks(): Promise<Tasks> {
  const module: { tasks?: Tasks; warmUp?: (tasks: Tasks) => void | Promise<void> } = await import(url)
  if (module.tasks === undefined) throw new Error(`${url} does not export \`tasks\``)
  await module.warmUp?.(module.tasks)
  return module.tasks
}
