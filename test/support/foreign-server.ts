import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Endpoint } from '../../envoy/endpoints.ts'

const run = promisify(execFile)

/** The program of examples/foreign-go in a folder of its own; disposing removes it. */
export interface ForeignProgram extends AsyncDisposable {
  readonly path: string
}

/** Builds it; undefined where there is no Go that can. */
export async function buildForeign(): Promise<ForeignProgram | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'test-foreign-'))
  const path = join(folder, 'foreign-go')
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await run('go', ['build', '-o', path, '.'], { cwd: resolve(import.meta.dirname, '../../examples/foreign-go') })
    return { path, [Symbol.asyncDispose]: remove }
  } catch (error) {
    console.error(error)
    await remove()
    return undefined
  }
}

/** A server that knows nothing of Evenkeel; disposing kills it. */
export interface ForeignServer extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** Sends SIGTERM; resolves with the exit code, which is null when a signal ended it. */
  stop(): Promise<number | null>
}

/** Starts one on a free port. */
export async function startForeign({ path }: ForeignProgram): Promise<ForeignServer> {
  const child = spawn(path, ['-listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit').then(([code]): number | null => code)
  const firstLine = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line))
  const port = /:(\d+)$/.exec(await Promise.race([firstLine, exited.then(String)]))?.[1]
  if (port === undefined) throw new Error(`${path}: ended before it served`)
  return {
    endpoint: { address: '127.0.0.1', port: Number(port) },
    stop: async () => {
      child.kill('SIGTERM')
      return exited
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
