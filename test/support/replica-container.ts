import type { knownWorkloads } from '../../deploy/local/workloads.ts'
import { type Container, type ContainerOptions, startConfined } from './confined-container.ts'
import { testImage } from './test-image.ts'

/** What differs from a replica with its defaults. */
export type ReplicaContainerOptions = Partial<Omit<ContainerOptions, 'image' | 'readyLine'>>

/** A replica in a container that serves. */
export interface ReplicaContainer extends Container {
  /** What it said of itself when it began to serve. */
  readonly serving: { addresses: Record<string, string>; workers: number; startMs: number }
}

/** Starts a replica of a workload, confined and with 256 MB; resolves when it serves. */
export async function startReplicaContainer(
  workload: keyof typeof knownWorkloads,
  options: ReplicaContainerOptions = {},
): Promise<ReplicaContainer> {
  const { tag } = await testImage(workload)
  const container = await startConfined({ image: tag, readyLine: /"msg":"serving"/, ...options })
  const line = container.lines.find((each) => each.includes('"msg":"serving"'))
  return Object.assign(container, { serving: JSON.parse(line ?? '{}') })
}
