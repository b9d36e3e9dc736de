import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Has a child end by SIGTERM once this process is gone, however it went: a second Ctrl-C or SIGKILL leave it no moment to see
 * to its children. A shell waits for the end of a pipe that only this process holds. Resolves when the child has ended and the
 * shell with it; where there is no `sh`, at once.
 */
export function endWithOwner(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return Promise.resolve()
  const script = 'read -r _; kill "$0"'
  const guard = spawn('sh', ['-c', script, String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.once('exit', () => guard.kill('SIGKILL'))
  return new Promise((resolve) => {
    guard.once('error', () => resolve())
    guard.once('close', () => resolve())
  })
}
