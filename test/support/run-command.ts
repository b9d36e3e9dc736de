import { execFile } from 'node:child_process'

/** How a command ended. */
export interface CommandOutcome {
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs a command to its end, for two minutes at most unless said. */
export function runCommand(file: string, args: readonly string[], timeoutMs = 120_000): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr })
      else reject(error ?? new Error(`${file} did not run`))
    })
  })
}
