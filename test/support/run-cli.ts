import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

/** The command of this checkout. */
export const bin = resolve(import.meta.dirname, '../../bin/evenkeel.js')

/** How a command of evenkeel ended. */
export interface CliEnd {
  code: number | null
  stdout: string
  stderr: string
}

/**
 * Starts `evenkeel` as a process of its own, in the system's temporary folder and without settings of this environment.
 * `ended` waits for its end; `until` awaits something that must happen before, and rejects when it does not.
 */
export function startCli(...args: string[]) {
  return startCliWith({}, ...args)
}

function startCliWith(variables: Record<string, string | undefined>, ...args: string[]) {
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...variables }
  const child = spawn(process.execPath, [bin, ...args], { env: environment, cwd: '/', stdio: 'pipe' })
  const closed = once(child, 'close')
  const tooEarly = closed.then(() => {
    throw new Error(`evenkeel ${args.join(' ')} ended with ${child.exitCode} before what was awaited`)
  })
  // Whether it matters is up to those who await something.
  tooEarly.catch(() => {})
  const until = <Event>(event: Promise<Event>): Promise<Event> => Promise.race([event, tooEarly])
  const ended = async (): Promise<CliEnd> => {
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    await closed
    return { code: child.exitCode, stdout, stderr }
  }
  return { child, ended, until }
}

/** Runs `evenkeel` to its end with nothing on standard input. */
export function runCli(...args: string[]): Promise<CliEnd> {
  return runCliWith({}, ...args)
}

/** The same with variables in its environment. */
export async function runCliWith(variables: Record<string, string | undefined>, ...args: string[]): Promise<CliEnd> {
  const { child, ended } = startCliWith(variables, ...args)
  child.stdin.end()
  return ended()
}
