import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Paths of the shared libraries that a program is loaded with, and of its loader, as `ldd` of this machine finds them. Rejects
 * when a library is missing, and where there is no `ldd` (images are made on Linux).
 */
export async function sharedLibraries(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('there is no `ldd` here; images are made on Linux') : error
  })
  return librariesIn(stdout)
}

/** The paths in the output of `ldd`. What the kernel brings (linux-vdso) has none. */
export function librariesIn(lddOutput: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(lddOutput)
  if (missing) throw new Error(`the library ${missing[1]} is not installed here`)
  return [...lddOutput.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path)
}
