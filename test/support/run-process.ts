import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'

/** A process that was started, and all that it has written. */
export interface RunningProcess extends AsyncDisposable {
  child: ChildProcess
  /** Both as they stand now. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves when the process is gone and its output is read. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** What a process is started with. */
export interface RunOptions {
  args?: readonly string[]
  /** Added to the environment of the tests, from which EVENKEEL_* is left out. */
  env?: Record<string, string>
  /** Opens a channel to the process, as a parent that watches over it does. */
  ipc?: boolean
}

/** Starts a module of the repository (a path from its root) by Node; disposing kills it. */
export function runProcess(module: string, { args = [], env = {}, ipc = false }: RunOptions = {}): RunningProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('EVENKEEL_'))
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../..', module), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    env: { ...Object.fromEntries(inherited), ...env },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  // Not `close`, which never comes once the channel was closed from here.
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }))
  })
  const ends = [child.stdout, child.stderr].map((stream) => new Promise((done) => stream?.once('end', done)))
  const exited = Promise.all([exit, ...ends]).then(([how]) => how)
  return {
    child,
    exited,
    get stdout() {
      return output.stdout
    },
    get stderr() {
      return output.stderr
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
