import { availableParallelism } from 'node:os'
import type { KubernetesObject } from '../support/kubectl.ts'
import type { Stage } from '../support/stage.ts'

/** What was run, and where. */
export interface Circumstances {
  date: string
  /** Such as `Kubernetes v1.35.4 of 2 nodes on 2 cores`. */
  cluster: string
  /** Proofs that this cluster does not allow, each with the reason. */
  leftOut: readonly string[]
}

interface Node extends KubernetesObject {
  status: { nodeInfo: { kubeletVersion: string } }
}

/** Where this run plays. The cores are those of a cluster of our own; another has nodes of its own. */
export async function circumstancesOf({ kubectl, own }: Stage, leftOut: readonly string[]): Promise<Circumstances> {
  const nodes = await kubectl.list<Node>('nodes')
  const versions = new Set(nodes.map(({ status }) => status.nodeInfo.kubeletVersion))
  const cluster = `Kubernetes ${[...versions].join(', ')} of ${nodes.length} nodes`
  return {
    date: new Date().toISOString().slice(0, 10),
    cluster: own ? `${cluster} on ${availableParallelism()} cores` : cluster,
    leftOut,
  }
}
