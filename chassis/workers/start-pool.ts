import type { PoolOptions, WorkerPool } from './pool.ts'
import { ThreadPool } from './thread-pool.ts'

/** Starts the threads; resolves when each has loaded the tasks and warmed up, rejects when one cannot. */
export async function startPool(options: PoolOptions): Promise<WorkerPool> {
  const pool = new ThreadPool(options)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted) onAbort()
  try {
    // A task that never has warmed up would hold a start for ever.
    await Promise.race([pool.start(), aborted.promise])
    return pool
  } catch (error) {
    await pool[Symbol.asyncDispose]()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
}
