import process from 'node:process'
import { isMainThread } from 'node:worker_threads'

// Loaded into a process by --import, with --expose-gc: at SIGUSR2 it writes how many bytes a collection of the young objects leaves
// that a full one takes.
const collect = (globalThis as { gc?: (options?: { type: 'minor' }) => void }).gc
if (isMainThread && collect !== undefined) {
  process.on('SIGUSR2', () => {
    // What survives once may be young still.
    collect({ type: 'minor' })
    collect({ type: 'minor' })
    const young = process.memoryUsage().heapUsed
    collect()
    process.stdout.write(`${JSON.stringify({ keptBytes: young - process.memoryUsage().heapUsed })}\n`)
  })
}
