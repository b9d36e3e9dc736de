import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onceOwnerIsGone } from './end-with-owner.ts'

/** A new folder in the system's temporary one. It is removed when it is disposed, and when this process is gone, however it went. */
export async function temporaryFolder(name: string): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), `evenkeel-${name}-`))
  const guard = onceOwnerIsGone('rm -rf -- "$0"', path)
  const dispose = async () => {
    await rm(path, { recursive: true, force: true })
    guard.dismiss()
    await guard.closed
  }
  return { path, [Symbol.asyncDispose]: dispose }
}
