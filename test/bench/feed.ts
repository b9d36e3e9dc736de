import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { pinProcess } from './pinning.ts'

/** One endpoint of a service gets a new address; changes are numbered. */
export interface Change {
  service: number
  change: number
}

/** What a measured control plane is told, as a line of JSON: a new state, at change 0, or a change. */
export type Command = { services: number; endpoints: number } | Change

/** What every address begins with that a change put in. */
export const markerPrefix = 'fd00::'

/** The address that stands first in a service after a change; subscribers look for it. */
export function markerOf({ service, change }: Change): string {
  return `${markerPrefix}${service}:${change}`
}

/** The name of a service, from its number. */
export function serviceName(service: number): string {
  return `service-${service}`
}

/** A control plane in a process of its own that is told by us what is true. */
export interface FedServer extends AsyncDisposable {
  readonly pid: number
  readonly address: string
  tell(command: Command): void
}

/** Starts a control plane on one core. It prints its port, takes commands on stdin, and ends when that does. */
export async function startFed(command: readonly string[], core: number): Promise<FedServer> {
  const [file = '', ...args] = command
  const child: ChildProcess = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // For a server in Go: as many threads as it has cores.
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error(`${file}: has no stdin or stdout`)
  const exited = once(child, 'exit')
  const [port] = await Promise.race([
    once(createInterface({ input: stdout }), 'line'),
    exited.then(([code]) => Promise.reject(new Error(`${file}: ended with ${code} before it served`))),
  ])
  const pid = child.pid as number
  await pinProcess(pid, core)
  return {
    pid,
    address: `127.0.0.1:${port}`,
    tell: (told) => void stdin.write(`${JSON.stringify(told)}\n`),
    [Symbol.asyncDispose]: async () => {
      stdin.end()
      await exited
    },
  }
}
