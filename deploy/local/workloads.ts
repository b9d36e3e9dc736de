import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a fleet has to know of a workload beside how to start it. */
export interface KnownWorkload {
  /** The module that serves it as a process. */
  main: string
  /** True when its methods may be repeated after a broken connection. */
  idempotent: boolean
}

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const mainOf = (folder: string): string => fileURLToPath(new URL(`../../${folder}/main${extension}`, import.meta.url))

/** The workloads of this repository by name. */
export const knownWorkloads = {
  primes: { main: mainOf('service'), idempotent: true },
  hold: { main: mainOf('examples/hold'), idempotent: true },
} as const satisfies Record<string, KnownWorkload>

/**
 * A workload by name, or one's own by the path of its main module (`./main.ts`), which must exist and is not taken
 * for idempotent. Throws for others.
 */
export function workloadNamed(nameOrPath: string): KnownWorkload {
  if (Object.hasOwn(knownWorkloads, nameOrPath)) return knownWorkloads[nameOrPath as keyof typeof knownWorkloads]
  if (/\.[cm]?[jt]s$/.test(nameOrPath)) {
    if (existsSync(nameOrPath)) return { main: nameOrPath, idempotent: false }
    throw new Error(`There is no file ${resolve(nameOrPath)}.`)
  }
  const names = Object.keys(knownWorkloads).join(', ')
  throw new Error(`It must be one of ${names}, or the path of a module that serves one, such as ./main.ts.`)
}
