import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Keeps every thread of a process on one core, by `taskset` of util-linux. */
export async function pinProcess(pid: number, core: number): Promise<void> {
  await run('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)])
}

/** Keeps the worker threads of a replica on one core and all its other threads on another. */
export async function pinWorkers(
  pid: number,
  { workerCore, otherCore }: { workerCore: number; otherCore: number },
): Promise<void> {
  await pinProcess(pid, otherCore)
  const workers: string[] = []
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const name = await readFile(`/proc/${pid}/task/${thread}/comm`, 'utf8')
    if (name.startsWith('worker-')) workers.push(thread)
  }
  if (workers.length === 0) throw new Error(`process ${pid} has no thread called worker-…`)
  for (const thread of workers) await run('taskset', ['--cpu-list', '--pid', String(workerCore), thread])
}
