import { globSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { release } from './install-chart.ts'
import { isReady, type Kubectl, type KubernetesObject, type Pod } from './kubectl.ts'
import { isOwnCluster } from './own-cluster.ts'
import { recordFiles } from './step-record.ts'

/** Where the proofs play: one installation of the chart, on two nodes. */
export interface Stage {
  kubectl: Kubectl
  /** Callers are on this node. */
  callersNode: string
  /** This one is drained and cut off. */
  otherNode: string
  /** True where faults can be made from outside. */
  own: boolean
  /** Folder of the records. */
  reportFolder: string
}

/** The labels of the pods of a component. */
export const selectorOf = (component: string): string =>
  `app.kubernetes.io/instance=evenkeel,app.kubernetes.io/component=${component}`

/** Finds two nodes that take pods, and makes the folder of the report. */
export async function setStage(kubectl: Kubectl): Promise<Stage> {
  interface Node extends KubernetesObject {
    spec: { unschedulable?: boolean; taints?: { effect: string }[] }
  }
  const nodes = (await kubectl.list<Node>('nodes'))
    .filter(({ spec }) => spec.unschedulable !== true && !spec.taints?.some(({ effect }) => effect === 'NoSchedule'))
    .map(({ metadata }) => metadata.name)
  const [callersNode, otherNode] = nodes
  if (callersNode === undefined || otherNode === undefined) {
    throw new Error(`the proofs need two nodes that take pods, and the cluster has ${nodes.length}`)
  }
  const reportFolder = await emptyReport(process.env['CLUSTER_REPORT'])
  return { kubectl, callersNode, otherNode, own: isOwnCluster(), reportFolder }
}

/** A new folder, or the given one without the records of an earlier run, which would be added up with those of this one. */
async function emptyReport(given?: string): Promise<string> {
  if (given === undefined) return mkdtemp(join(tmpdir(), 'evenkeel-cluster-report-'))
  await mkdir(given, { recursive: true })
  for (const record of globSync(recordFiles, { cwd: given })) await rm(join(given, record))
  return given
}

/** The pods of a component that are ready and stay. */
export async function readyPods({ kubectl }: Stage, component = 'service'): Promise<Pod[]> {
  return (await kubectl.list<Pod>('pods', selectorOf(component))).filter(isReady)
}

/** Rejects unless a component has so many pods, all of them ready and staying. */
export async function expectPods(stage: Stage, expected: number, component = 'service'): Promise<void> {
  const pods = await stage.kubectl.list<Pod>('pods', selectorOf(component))
  const ready = pods.filter(isReady).length
  if (ready !== expected || pods.length !== expected) {
    throw new Error(`${component} has ${pods.length} pods, ${ready} of them ready, not ${expected}`)
  }
}

/** Rejects unless the EndpointSlices of the service list every pod of it that is ready. */
export async function expectListed(stage: Stage): Promise<void> {
  interface EndpointSlice extends KubernetesObject {
    endpoints: { conditions: { ready?: boolean }; targetRef?: { name: string } }[] | null
  }
  const slices = await stage.kubectl.list<EndpointSlice>('endpointslices', `kubernetes.io/service-name=${release}`)
  const listed = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(({ conditions }) => conditions.ready === true)
    .map(({ targetRef }) => targetRef?.name)
  const missing = (await readyPods(stage)).map(({ metadata }) => metadata.name).filter((name) => !listed.includes(name))
  if (missing.length > 0) throw new Error(`the EndpointSlices of ${release} do not list ${missing.join(', ')}`)
}
