import { checkPrimeSync, generatePrimeSync, pbkdf2Sync } from 'node:crypto'
import { exit } from 'node:process'
import { threadId } from 'node:worker_threads'
import type { TaskContext } from '../../../chassis/workload.ts'

/** Tasks that end in every way that a task can end. */
export const tasks = {
  echo: (input: unknown): unknown => input,

  thread: (): number => threadId,

  /** Waits without using a core, until stopped. */
  wait: (ms: number, { wait }: TaskContext): number => {
    wait(ms)
    return threadId
  },

  /** Computes for `ms` milliseconds and looks at its stop flag. */
  spin: (ms: number, { throwIfStopped }: TaskContext): number => {
    for (const endMs = performance.now() + ms; performance.now() < endMs; ) throwIfStopped()
    return threadId
  },

  /** Writes its place in a shared order, then waits until the gate opens. */
  queueUp: ({ order, place, gate }: { order: Int32Array; place: number; gate: Int32Array }): number => {
    order[Atomics.add(order, 0, 1) + 1] = place
    Atomics.wait(gate, 0, 0)
    return threadId
  },

  /** Says that it runs, then computes for `ms` milliseconds, whatever happens. */
  ignoreStop: ({ began, ms }: { began: Int32Array; ms: number }): void => {
    announce(began)
    for (const endMs = performance.now() + ms; performance.now() < endMs; );
  },

  /** Says that it runs, then waits for its stop and says that it saw it. */
  noticeStop: ({ began, stopped }: { began: Int32Array; stopped: Int32Array }, { wait }: TaskContext): void => {
    announce(began)
    try {
      wait(60_000)
    } finally {
      announce(stopped)
    }
  },

  /** Says that it runs, catches its stop and returns as if nothing were. */
  swallowStop: (began: Int32Array, { wait }: TaskContext): string => {
    announce(began)
    try {
      wait(60_000)
    } catch {
      // What the caller must not see.
    }
    return 'swallowed'
  },

  /** Native code that cannot be stopped: seconds in one call. */
  nativeCall: ({ began, rounds }: { began: Int32Array; rounds: number }): void => {
    announce(began)
    pbkdf2Sync('password', 'salt', rounds, 64, 'sha512')
  },

  checkPrime: ({ began, prime, checks }: { began: Int32Array; prime: bigint; checks: number }): boolean => {
    announce(began)
    return checkPrimeSync(prime, { checks })
  },

  /** Says that it runs, waits until the gate opens, and ends its thread. */
  exit: ({ began, gate }: { began: Int32Array; gate: Int32Array }): void => {
    announce(began)
    Atomics.wait(gate, 0, 0)
    exit(3)
  },

  /** Dies after its answer, by an error that nobody catches. */
  dieLater: (): string => {
    setImmediate(() => {
      throw new Error('later')
    })
    return 'answered'
  },

  fillMemory: (): number => {
    const hoard: number[][] = []
    for (;;) hoard.push(Array.from({ length: 10_000 }, () => hoard.length))
  },

  overflow: (): number => tasks.overflow() + 1,

  throwUndefined: (): void => {
    throw undefined
  },

  throwTypeError: (): void => {
    throw new TypeError('six is not a colour')
  },

  throwHostile: (): void => {
    throw Object.defineProperty(new Error('never seen'), 'message', {
      get: () => {
        throw new Error('the message has a getter')
      },
    })
  },

  returnFunction: (): unknown => () => undefined,

  returnPromise: (): unknown => Promise.resolve(1),

  generate: (bits: number): bigint => generatePrimeSync(bits, { bigint: true }),
}

function announce(word: Int32Array): void {
  Atomics.store(word, 0, 1)
  Atomics.notify(word, 0)
}
