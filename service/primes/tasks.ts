import type { TaskContext, Tasks } from '../../chassis/workload.ts'
import { factorize } from './number-theory/factorize.ts'
import { checkPrime } from './number-theory/is-prime.ts'
import { primesInSegment } from './number-theory/list-primes.ts'

/** An interval, both ends included. */
export interface Interval {
  from: bigint
  to: bigint
}

/** What runs on worker threads. Each polls the stop flag of its call but for `check`, which is in OpenSSL meanwhile. */
export const tasks = {
  check: (number: bigint) => checkPrime(number),
  factorize: (number: bigint, { throwIfStopped }: TaskContext) => factorize(number, throwIfStopped),
  list: ({ from, to }: Interval, { throwIfStopped }: TaskContext) => primesInSegment(from, to, throwIfStopped),
} satisfies Tasks

/** Has the engine compile the hot paths before the first call. */
export function warmUp(): void {
  const context: TaskContext = { throwIfStopped: () => {}, wait: () => {} }
  tasks.check(2n ** 127n - 1n)
  tasks.factorize(600_851_475_143n, context)
  tasks.list({ from: 2n, to: 20_000n }, context)
}
