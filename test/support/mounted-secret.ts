import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder as the kubelet mounts a Secret. */
export interface MountedSecret {
  path: string
  /** Puts other files in the place of all, at once. */
  replace(files: Record<string, string | Buffer>): Promise<void>
}

/**
 * Mounts files in a new folder as the kubelet does: each is a link through `..data`, a link to the folder that has them all, which is
 * replaced by rename.
 */
export async function mountSecret(path: string, files: Record<string, string | Buffer>): Promise<MountedSecret> {
  let version = 0
  const replace = async (next: Record<string, string | Buffer>): Promise<void> => {
    version += 1
    await mkdir(join(path, `..${version}`))
    for (const [name, content] of Object.entries(next)) await writeFile(join(path, `..${version}`, name), content)
    await symlink(`..${version}`, join(path, '..data_tmp'))
    await rename(join(path, '..data_tmp'), join(path, '..data'))
    await rm(join(path, `..${version - 1}`), { recursive: true, force: true })
  }
  await mkdir(path)
  await replace(files)
  for (const name of Object.keys(files)) await symlink(join('..data', name), join(path, name))
  return { path, replace }
}
