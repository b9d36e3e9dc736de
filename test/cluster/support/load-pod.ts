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
  await eventually(
    async () => {
      const { status } = await kubectl.get<Pod>(`pod/${name}`)
      if (status.phase !== 'Running') throw new Error(`pod ${name} is ${status.phase}, not Running`)
    },
    { withinMs: 60_000, everyMs: 200 },
  )
  const remove = async (grace: readonly string[]): Promise<void> => {
    await kubectl.run(['delete', 'pod', name, '--ignore-not-found', ...grace])
  }
  return {
    end: async () => {
      // The log is followed while the pod ends by SIGTERM: with the pod it is gone.
      const log = kubectl.run(['logs', '--follow', name])
      await Promise.all([log, remove(['--wait'])])
      return resultIn(await log, name)
    },
    [Symbol.asyncDispose]: () => remove(['--grace-period=0', '--force', '--wait']),
  }
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
