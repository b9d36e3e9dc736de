import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** The version whose behaviour is compared. */
const version = '1.85.3'

/**
 * The Python that has grpcio, in a folder of its own of the cache, which is filled once and used again.
 * Undefined, with the reason on stderr, where there is no Python or no package index.
 */
export async function pythonWithGrpcio(): Promise<string | undefined> {
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(caches, 'evenkeel', `grpcio-${version}`)
  const python = join(folder, 'bin', 'python')
  if (existsSync(join(folder, 'complete'))) return python
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', '--clear', folder]],
    [python, ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', `grpcio==${version}`]],
    [python, ['-c', `import grpc; open(${JSON.stringify(join(folder, 'complete'))}, 'w').close()`]],
  ]
  for (const [file, args] of steps) {
    const outcome = await runCommand(file, args).catch((error: Error) => ({ exitCode: 1, stderr: error.message }))
    if (outcome.exitCode === 0) continue
    console.error(`${file} ${args.join(' ')}: ${outcome.stderr}`)
    return undefined
  }
  return python
}
