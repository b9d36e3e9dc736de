import { join } from 'node:path'
import { knownWorkloads } from './local/workloads.ts'

/** What a bundle and an image hold: a process and, where it has worker threads, what they load. */
export interface Role {
  /** Path of the module that is the process. */
  main: string
  /** Path of the tasks that worker threads load. */
  tasks?: string
  /** What it listens on unless told otherwise, for EXPOSE. */
  ports: readonly number[]
}

/** Calls, health checks, metrics. */
const servicePorts = [50_051, 50_052, 9464]

/** Every role there is. One bundle and one image each: all in one would start slower and hold more memory. */
export const roles = {
  primes: { main: knownWorkloads.primes.main, tasks: sourceOf('service/primes/tasks.ts'), ports: servicePorts },
  hold: { main: knownWorkloads.hold.main, tasks: sourceOf('examples/hold/tasks.ts'), ports: servicePorts },
  // ADS, metrics, health checks.
  'control-plane': { main: sourceOf('control-plane/main.ts'), ports: [18_000, 18_001, 18_002] },
  // Calls others, and listens on nothing.
  cli: { main: sourceOf('cli/main-in-image.ts'), ports: [] },
} as const satisfies Record<string, Role>

/** The name of a role. */
export type RoleName = keyof typeof roles

function sourceOf(path: string): string {
  return join(import.meta.dirname, '..', path)
}
