import { execFile } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** Where the cluster of `kubernetes/up` keeps its programs and its kubeconfig; that is a link to them and a file. */
export const clusterCache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'evenkeel-cluster')

/** The environment with the programs of that cluster behind those of PATH. */
export const programEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [process.env['PATH'], join(clusterCache, 'bin')].join(delimiter),
})

/** How a program is run. */
export interface RunOptions {
  /** Written to its standard input. */
  input?: string
  /** Default two minutes. */
  timeoutMs?: number
}

/** Runs kubectl, helm or another program, and resolves to what it wrote. Rejects with the command and what it complained of. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { input, timeoutMs: timeout = 120_000 } = options
  return new Promise((resolve, reject) => {
    const settings = { timeout, maxBuffer: 256 * 2 ** 20, env: programEnvironment() }
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const why = stderr.trim() || stdout.trim() || (error.killed ? `not done within ${timeout} ms` : error.message)
      reject(new Error(`${program} ${args.join(' ')}: ${why}`, { cause: error }))
    })
    // A program that ended early has not read all; its end says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
