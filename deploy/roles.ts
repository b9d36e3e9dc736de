import { join } from 'node:path'
import { knownWorkloads } from './local/workloads.ts'

/** What a bundle and an image hold: a process and, where it has worker threads, what they load. */
export interface Role {
  /** Path of the module that is the process. */
  main: string
  /** Path of the tasks that worker threads load. */
  tasks?: string
}

/** Every role there is. One bundle and one image each: all in one would start slower and hold more memory. */
export const roles = {
  primes: { main: knownWorkloads.primes.main, tasks: sourceOf('service/primes/tasks.ts') },
  hold: { main: knownWorkloads.hold.main, tasks: sourceOf('examples/hold/tasks.ts') },
} as const satisfies Record<string, Role>

/** The name of a role. */
export type RoleName = keyof typeof roles

function sourceOf(path: string): string {
  return join(import.meta.dirname, '..', path)
}
