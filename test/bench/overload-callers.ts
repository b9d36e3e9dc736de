import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LeanEnd, LeanLoad } from './lean-calls.ts'

/** A load as it is told to the process, with the message in base64. */
export type CallersLoad = Omit<LeanLoad, 'body'> & { body: string }

/** What the process is told. */
export interface CallersOrder {
  id: number
  load: CallersLoad
}

/** What became of one load. */
export interface CallersReport {
  id: number
  calls: LeanEnd[]
  /** How late the process itself was in 1 of 100 turns, in ms: so much of a p99 may be the caller's own. */
  ownDelayMs: number
}

/** Callers in a process of their own, with one connection. */
export interface Callers extends AsyncDisposable {
  send(load: CallersLoad): Promise<CallersReport>
}

/** Collections of few young objects at a time are short ones: 1 ms instead of 10. */
const flags = ['--max-semi-space-size=2']

/** Starts callers on the cores that this process has; resolves when they are connected. */
export async function openCallers(target: string): Promise<Callers> {
  const path = fileURLToPath(new URL('./overload-callers-child.ts', import.meta.url))
  const child = fork(path, [target], { execArgv: flags, serialization: 'advanced' })
  const exited = once(child, 'exit')
  const lost = exited.then(([code]) => Promise.reject(new Error(`callers ended with ${code} before they reported`)))
  lost.catch(() => {})
  await Promise.race([once(child, 'message'), lost])
  const waiting = new Map<number, (report: CallersReport) => void>()
  child.on('message', (report: CallersReport) => {
    waiting.get(report.id)?.(report)
    waiting.delete(report.id)
  })
  let id = 0
  return {
    send: (load) => {
      id += 1
      const report = new Promise<CallersReport>((resolve) => waiting.set(id, resolve))
      child.send({ id, load } satisfies CallersOrder)
      return Promise.race([report, lost])
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
