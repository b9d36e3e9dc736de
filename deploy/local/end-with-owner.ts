import { type ChildProcess, spawn } from 'node:child_process'

/** What waits for the end of this process. */
export interface Guard {
  /** It need not wait any longer. */
  dismiss(): void
  /** Resolves when it is gone; where there is no `sh`, at once. */
  closed: Promise<void>
}

/**
 * Has a shell run `script` on `argument` (its `$0`) once this process is gone, however it went: a second Ctrl-C or SIGKILL leave it
 * no moment to see to anything. The shell waits for the end of a pipe that only this process holds.
 */
export function onceOwnerIsGone(script: string, argument: string): Guard {
  const args = ['-c', `read -r _; ${script}`, argument]
  const shell = spawn('sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const closed = new Promise<void>((resolve) => {
    shell.once('error', () => resolve())
    shell.once('close', () => resolve())
  })
  return { dismiss: () => void shell.kill('SIGKILL'), closed }
}

/** Has a child end by SIGTERM once this process is gone. Resolves when the child has ended and its guard with it. */
export function endWithOwner(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return Promise.resolve()
  const guard = onceOwnerIsGone('kill "$0"', String(child.pid))
  child.once('exit', () => guard.dismiss())
  return guard.closed
}
