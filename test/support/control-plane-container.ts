import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { writeServices } from '../../deploy/local/control-plane-process.ts'
import { temporaryFolder } from '../../deploy/local/temporary-folder.ts'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { type Container, type ContainerOptions, startConfined } from './confined-container.ts'
import { testImage } from './test-image.ts'

/** A control plane in a container, which reads a file of this machine. */
export interface ControlPlaneContainer extends Container {
  /** Writes that file. Calls must not overlap. */
  publish(endpoints: readonly Endpoint[]): Promise<void>
}

/** Starts a control plane that knows no replica yet, confined and with 256 MB; resolves when it serves unless another line is named. */
export async function startControlPlaneContainer(
  options: Partial<Omit<ContainerOptions, 'image' | 'folders'>> = {},
): Promise<ControlPlaneContainer> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder('endpoints'))
  // The container has another user than this process.
  await chmod(folder.path, 0o755)
  const path = join(folder.path, 'endpoints.yaml')
  await writeServices(path, [])
  const { tag } = await testImage('control-plane')
  const container = stack.use(
    await startConfined({
      image: tag,
      readyLine: /"msg":"serving"/,
      args: ['--source=file:/etc/evenkeel/endpoints.yaml'],
      folders: { '/etc/evenkeel': folder.path },
      ...options,
    }),
  )
  const owned = stack.move()
  return {
    ...container,
    publish: (endpoints) => writeServices(path, endpoints),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
