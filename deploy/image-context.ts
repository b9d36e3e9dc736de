import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, glob, mkdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { envoyConfig } from '../envoy/config.ts'
import { bundle } from './bundle.ts'
import { copyLibraryLicences, licenceTexts } from './licence-texts.ts'
import { copyNodeLicence } from './node-licence.ts'
import type { Role } from './roles.ts'
import { sharedLibraries } from './shared-libraries.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
/** Node is linked with it, and bases of C libraries do not have it. A loader of Debian looks in /usr/lib. */
const beyondBase = 'libatomic.so.1'

/** What a context was made of, in words for whoever builds. */
export type Remark = (remark: string) => void

/** Makes the context of Dockerfile in an empty folder: the role's bundle, and the Node that runs this with its libraries. */
export async function makeServiceContext(role: Role, folder: string, remark: Remark): Promise<void> {
  const { packages } = await bundle(role, join(folder, 'app'))
  remark(`bundled ${relative(root, role.main)} with what it uses of ${packages.length} packages`)
  await copyFile(join(root, 'LICENSE'), join(folder, 'app', 'LICENSE'))
  const node = process.execPath
  const libraries = await copyLibraries(node, join(folder, 'libraries'))
  await copyNodeLicence(node, join(folder, 'node'))
  // Also for a base that brings libraries and texts of its own: libatomic is of this machine in any case.
  await copyLibraryLicences({ libraries, target: join(folder, 'node') })
  const stripped = await copyStripped(node, join(folder, 'node/usr/local/bin/node'))
  const version = `Node ${process.versions.node}`
  remark(stripped ? `${version} without its symbols` : `${version} with symbols; \`strip\` (binutils) would save 33 MB`)
  const extra = libraries.find((path) => basename(path) === beyondBase)
  if (extra !== undefined) await copyTo(extra, join(folder, 'node/usr/lib', beyondBase))
  await copyFile(join(import.meta.dirname, 'Dockerfile'), join(folder, 'Dockerfile'))
}

/** What the image of Envoy holds. */
export interface EnvoyContextOptions {
  /** Path of Envoy's program; undefined when the base has one. */
  program: string | undefined
  /** True when calls may be repeated after a broken connection. */
  idempotent: boolean
}

/** Makes the context of envoy.Dockerfile in an empty folder. */
export async function makeEnvoyContext({ program, idempotent }: EnvoyContextOptions, folder: string): Promise<void> {
  for (const part of ['libraries', 'envoy', 'etc/envoy', 'licenses']) {
    await mkdir(join(folder, part), { recursive: true })
  }
  if (program !== undefined) {
    const libraries = await copyLibraries(program, join(folder, 'libraries'))
    await copyLibraryLicences({ libraries, target: join(folder, 'libraries') })
    await copyWheelLicence(program, join(folder, 'licenses/wheel'))
    await copyTo(program, join(folder, 'envoy/usr/local/bin/envoy'))
    await chmod(join(folder, 'envoy/usr/local/bin/envoy'), 0o755)
  }
  await writeFile(join(folder, 'etc/envoy/envoy.yaml'), envoyConfig({ idempotent }))
  await copyFile(join(root, 'LICENSE'), join(folder, 'licenses/LICENSE'))
  await writeFile(join(folder, 'licenses/NOTICE'), envoyNotice)
  await copyFile(join(import.meta.dirname, 'envoy.Dockerfile'), join(folder, 'Dockerfile'))
}

/** The text that the wheel of Envoy brings: its packager's. Of Envoy and of what is linked into it, there is none. */
async function copyWheelLicence(program: string, target: string): Promise<void> {
  const wheel = resolve(dirname(program), '../..')
  for await (const folder of glob('*.dist-info/licenses', { cwd: wheel })) {
    for (const text of await licenceTexts(join(wheel, folder))) {
      await copyTo(text, join(target, basename(text)))
    }
  }
}

const envoyNotice = `Envoy (https://www.envoyproxy.io), copyright of the Envoy Project Authors.
Licensed under the Apache License 2.0, see LICENSE. Its program is unchanged; its configuration is Evenkeel's.
`

async function copyLibraries(program: string, folder: string): Promise<string[]> {
  const libraries = await sharedLibraries(program)
  for (const path of libraries) await copyTo(path, join(folder, path))
  return libraries
}

async function copyTo(path: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await cp(path, target, { dereference: true })
}

/** False when there is no `strip`, and the copy has its symbols. */
async function copyStripped(program: string, target: string): Promise<boolean> {
  await mkdir(dirname(target), { recursive: true })
  try {
    await run('strip', ['--strip-unneeded', '-o', target, program])
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    await cp(program, target, { dereference: true })
    return false
  }
}
