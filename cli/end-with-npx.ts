/** How soon the end of npx is noticed, in ms. */
const lookMs = 250

/**
 * Has the process get SIGTERM once the shell between npx and it is gone: npx hands its own signals to `sh -c`, which dies of
 * them and tells nobody. (`npm start` has no such shell, its script says `exec`.)
 */
export function endWithNpx(process: Pick<NodeJS.Process, 'env' | 'pid' | 'ppid' | 'kill'>): void {
  if (process.env['npm_lifecycle_event'] !== 'npx') return
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, lookMs)
  timer.unref()
}
