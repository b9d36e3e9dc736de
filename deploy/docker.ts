import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Rejects with what to install or to start unless a Docker engine answers. */
export async function checkDocker(): Promise<void> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: 20_000 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error('there is no `docker` here; install Docker (Debian and Ubuntu: `apt-get install docker.io`)', {
        cause: error,
      })
    }
    throw new Error(`no Docker engine answers; start it, or take part in its group. It says: ${saidBy(error)}`, {
      cause: error,
    })
  }
}

/** Builds an image from a folder with a Dockerfile. Rejects with the builder's last lines. */
export async function dockerBuild(
  folder: string,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<void> {
  const child = spawn('docker', ['build', ...args, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lastLines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.trim() === '') return
      lastLines.push(line)
      if (lastLines.length > 5) lastLines.shift()
      onLine(line)
    })
  }
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`docker build failed:\n${lastLines.join('\n')}`)
}

/** True when an image is here, or was fetched within two minutes. */
export async function havePulled(image: string): Promise<boolean> {
  const succeeds = (args: string[], timeout: number): Promise<boolean> =>
    run('docker', args, { timeout }).then(
      () => true,
      () => false,
    )
  return (await succeeds(['image', 'inspect', image], 20_000)) || succeeds(['pull', '--quiet', image], 120_000)
}

/** What is known of an image. */
export interface ImageFacts {
  id: string
  user: string
  sizeBytes: number
}

/** Reads what Docker knows of an image that is here. */
export async function inspectImage(image: string): Promise<ImageFacts> {
  const { stdout } = await run('docker', ['image', 'inspect', '--format', '{{.Id}} {{.Config.User}} {{.Size}}', image])
  const [id = '', user = '', size = ''] = stdout.trim().split(' ')
  return { id, user, sizeBytes: Number(size) }
}

function saidBy(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error)
  return text.split('\n').at(-1) ?? text
}
