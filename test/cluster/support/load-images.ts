import { resolve } from 'node:path'
import { isOwnCluster } from './own-cluster.ts'
import { runProgram } from './programs.ts'

/** Copies images from the Docker engine to the nodes of the cluster that KUBECONFIG names. */
export async function loadImages(images: readonly string[]): Promise<void> {
  const [program, args] = await loaderOf()
  await runProgram(program, [...args, ...images], { timeoutMs: 300_000 })
}

async function loaderOf(): Promise<[program: string, args: string[]]> {
  if (isOwnCluster()) return [resolve(import.meta.dirname, '../kubernetes/load'), []]
  const context = (await runProgram('kubectl', ['config', 'current-context'])).trim()
  const [, tool, cluster = ''] = /^(kind|k3d)-(.+)$/.exec(context) ?? []
  if (tool === 'kind') return ['kind', ['load', 'docker-image', '--name', cluster]]
  if (tool === 'k3d') return ['k3d', ['image', 'import', '--cluster', cluster]]
  throw new Error(
    `context "${context}" is neither of kind nor of k3d, so images cannot be copied to it; push them, and set CLUSTER_IMAGES to what stands before /primes and CLUSTER_IMAGES_TAG`,
  )
}
