import { hrtime } from 'node:process'

/** Milliseconds of the monotonic clock that all threads of the process share; `performance.now()` starts anew in each. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
