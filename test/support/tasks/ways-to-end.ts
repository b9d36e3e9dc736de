import { checkPrimeSync, pbkdf2Sync } from 'node:crypto'
import { exit } from 'node:process'
import { threadId } from 'node:worker_threads'
import { invalidArgument } from '../../../chassis/errors.ts'
import type { TaskContext } from '../../../chassis/workload.ts'
import { blockUntilRaised, raise } from './word.ts'

/** Words by which a task is followed and led: `began` is raised by the task, `gate` by the test. */
interface Led {
  began: Int32Array
  gate: Int32Array
}

/** Tasks that end in every way that a task can end. */
export const tasks = {
  echo: (input: unknown): unknown => input,

  thread: (): number => threadId,

  /** Ends when the gate is open. */
  gated: ({ began, gate }: Led): number => {
    raise(began)
    blockUntilRaised(gate)
    return threadId
  },

  /** Ends when `count` tasks have come to the same point, each on a thread of its own. */
  meet: ({ word, count }: { word: Int32Array; count: number }): number => {
    raise(word)
    blockUntilRaised(word, count)
    return threadId
  },

  /** Takes the next place in a shared order; word 0 counts the places that are taken. */
  line: ({ order, mark }: { order: Int32Array; mark: number }): void => {
    order[Atomics.add(order, 0, 1) + 1] = mark
  },

  /** Computes for `ms` milliseconds and looks at its stop flag. */
  spin: (ms: number, { throwIfStopped }: TaskContext): void => {
    for (const endMs = performance.now() + ms; performance.now() < endMs; ) throwIfStopped()
  },

  wait: (ms: number, { wait }: TaskContext): void => wait(ms),

  /** Computes until stopped and says that it saw the stop. */
  spinUntilStopped: ({ began, gate }: Led, { throwIfStopped }: TaskContext): void => {
    raise(began)
    try {
      for (;;) throwIfStopped()
    } finally {
      raise(gate)
    }
  },

  /** Waits until stopped and says that it saw the stop. */
  waitUntilStopped: ({ began, gate }: Led, { wait }: TaskContext): void => {
    raise(began)
    try {
      wait(3_600_000)
    } finally {
      raise(gate)
    }
  },

  /** Catches its stop and returns as if nothing were. */
  swallowStop: (began: Int32Array, { wait }: TaskContext): string => {
    raise(began)
    try {
      wait(3_600_000)
    } catch {
      // The stop.
    }
    return 'swallowed'
  },

  /** Computes until the gate is open, whatever is said to it. */
  ignoreStop: ({ began, gate }: Led): void => {
    raise(began)
    while (Atomics.load(gate, 0) === 0);
  },

  /** Native code that nothing can stop. */
  nativeHash: ({ began, rounds }: { began: Int32Array; rounds: number }): void => {
    raise(began)
    pbkdf2Sync('password', 'salt', rounds, 64, 'sha512')
  },

  /** Native code that nothing can stop. */
  nativePrime: ({ began, prime, checks }: { began: Int32Array; prime: bigint; checks: number }): boolean => {
    raise(began)
    return checkPrimeSync(prime, { checks })
  },

  /** Answers; its thread takes nothing until the gate is open. */
  busyAfter: ({ began, gate }: Led): number => {
    setImmediate(() => {
      raise(began)
      blockUntilRaised(gate)
    })
    return threadId
  },

  /** Ends its thread when the gate is open. */
  exit: ({ began, gate }: Led): void => {
    raise(began)
    blockUntilRaised(gate)
    exit(3)
  },

  /** Answers; its thread dies of an error that nobody catches after that. */
  dieLater: (): string => {
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
    return 'answered'
  },

  fillMemory: (): number => {
    const hoard: number[][] = []
    for (;;) hoard.push(Array.from({ length: 10_000 }, (_, index) => hoard.length + index))
  },

  overflow: (): number => tasks.overflow() + 1,

  throwCallError: (field: string): void => {
    throw invalidArgument(field, 'must be odd')
  },

  /** A `CallError` of a code that this version does not know. */
  throwForeignCode: (): void => {
    throw Object.assign(new Error('from elsewhere'), { name: 'CallError', code: 'toString', violations: [] })
  },

  throwTypeError: (): void => {
    throw new TypeError('six is not a colour')
  },

  throwUndefined: (): void => {
    throw undefined
  },

  throwNull: (): void => {
    throw null
  },

  throwObject: (): void => {
    throw { six: 'not a colour' }
  },

  /** What it throws throws when it is looked at. */
  throwTrap: (): void => {
    throw Object.defineProperty(new Error('never seen'), 'message', {
      get: () => {
        throw new Error('a trap')
      },
    })
  },

  returnFunction: (): unknown => () => undefined,

  returnPromise: (): unknown => Promise.resolve(1),
}
