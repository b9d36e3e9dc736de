import type { Summary } from '../../../cli/spread/summarize.ts'
import type { Timeline } from '../../../cli/spread/timeline.ts'
import { eventually } from '../../support/eventually.ts'
import { clusterImage } from './images.ts'
import type { Kubectl, Pod } from './kubectl.ts'
import { restrictedContainer, restrictedPod } from './restricted.ts'

/** What a load pod is told. */
export interface LoadPodOptions {
  name: string
  /** Arguments of `evenkeel spread`, beside those that say how it prints. */
  args: readonly string[]
  /** The node it must run on. */
  node: string
  env?: readonly object[]
  volumes?: readonly object[]
  mounts?: readonly object[]
}

/** What `spread --json --timeline` printed. */
export type LoadResult = Summary & { timeline: Timeline }

/** `evenkeel spread` as a pod. Disposing deletes it without asking for what it measured. */
export interface LoadPod extends AsyncDisposable {
  /** Ends the load, and resolves to what it measured. */
  end(): Promise<LoadResult>
}

/** Starts a load; resolves when its container runs. */
export async function startLoadPod(kubectl: Kubectl, options: LoadPodOptions): Promise<LoadPod> {
  const { name } = options
  await kubectl.apply([loadPod(options)])
  await inPhase(kubectl, name, /^Running$/)
  return {
    end: async () => {
      // Its log is gone with the pod, so the pod is not deleted: the first process of the container is told to end, by its own Node.
      await kubectl.run(['exec', name, '--', '/usr/local/bin/node', '--eval', "process.kill(1, 'SIGTERM')"])
      await inPhase(kubectl, name, /^(Succeeded|Failed)$/)
      return resultIn(await kubectl.run(['logs', name]), name)
    },
    [Symbol.asyncDispose]: async () => {
      await kubectl.run(['delete', 'pod', name, '--ignore-not-found', '--grace-period=0', '--force', '--wait'])
    },
  }
}

async function inPhase(kubectl: Kubectl, name: string, wanted: RegExp): Promise<void> {
  const check = async (): Promise<void> => {
    const { status } = await kubectl.get<Pod>(`pod/${name}`)
    if (!wanted.test(status.phase)) throw new Error(`pod ${name} is ${status.phase}, not ${wanted.source}`)
  }
  await eventually(check, { withinMs: 60_000, everyMs: 200 })
}

function loadPod({ name, args, node, env = [], volumes = [], mounts = [] }: LoadPodOptions): object {
  const container = {
    ...restrictedContainer,
    name: 'load',
    image: clusterImage('cli'),
    imagePullPolicy: 'IfNotPresent',
    args: ['spread', '--json', '--timeline', ...args],
    env,
    volumeMounts: mounts,
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
  }
  const placement = { nodeSelector: { 'kubernetes.io/hostname': node }, tolerations: [{ operator: 'Exists' }] }
  const spec = { ...restrictedPod, ...placement, restartPolicy: 'Never', containers: [container], volumes }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'evenkeel-load' } }, spec }
}

function resultIn(log: string, name: string): LoadResult {
  const line = log.split('\n').find((text) => text.startsWith('{"sent":'))
  if (line === undefined) throw new Error(`the load of pod ${name} printed no result, but: ${log.trim() || 'nothing'}`)
  return JSON.parse(line) as LoadResult
}
