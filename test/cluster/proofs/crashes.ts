import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import type { Pod } from '../support/kubectl.ts'
import { fault, nodeNumber } from '../support/own-cluster.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods, readyPods, type Stage } from '../support/stage.ts'

/** What a pod does not hear of before it ends. */
export const deletedWithoutGrace: Step = {
  name: 'no-grace',
  title: 'calls go on when a pod is deleted with no grace',
  kind: 'crash',
  act: async (stage, mark) => {
    const pods = await readyPods(stage)
    const { name } = firstOf(pods).metadata
    mark(`kubectl delete pod ${name} --grace-period=0 --force`)
    await stage.kubectl.run(['delete', 'pod', name, '--grace-period=0', '--force', '--wait'])
    await eventually(() => expectPods(stage, pods.length), { withinMs: 60_000, everyMs: 200 })
  },
}

/** Sent from the node: a container's first process is immune to its own. */
export const killed: Step = {
  name: 'sigkill',
  title: 'calls go on when a container is killed by SIGKILL',
  kind: 'crash',
  nodesAtHand: true,
  act: async (stage, mark) => {
    const pods = await readyPods(stage)
    const pod = firstOf(pods)
    const [container] = pod.status.containerStatuses ?? []
    const { nodeName = '' } = pod.spec
    const id = container?.containerID?.replace(/^\w+:\/\//, '') ?? ''
    mark(`SIGKILL to ${pod.metadata.name}`)
    await fault('kill', nodeNumber(nodeName), id)
    await eventually(() => expectRestarted(stage, pod, pods.length), { withinMs: 60_000, everyMs: 200 })
  },
}

/** Long enough for every bound of callers and Envoy; Kubernetes itself notices after 50 s. */
const cutOffMs = 30_000

/** Nothing on the node ends, and nothing from it arrives. */
export const cutOff: Step = {
  name: 'node-cut-off',
  title: 'calls go on when a node is cut off from the network, and its pods are used again when it is back',
  kind: 'crash',
  nodesAtHand: true,
  // A caller without Envoy connects again once the kernel repeats its SYN, whose pauses have grown to 16 s during the cut; until
  // calls that it has sent into the void are over it takes the pod for a busy one.
  calmAfterMs: 40_000,
  act: async (stage, mark) => {
    const pods = await readyPods(stage)
    const node = nodeNumber(stage.otherNode)
    mark(`${stage.otherNode} is cut off`)
    await fault('cut-off', node)
    try {
      await delay(cutOffMs)
    } finally {
      await fault('join', node)
    }
    mark(`${stage.otherNode} is joined again`)
    await eventually(() => expectPods(stage, pods.length), { withinMs: 60_000, everyMs: 200 })
  },
}

async function expectRestarted(stage: Stage, { metadata, status }: Pod, expected: number): Promise<void> {
  const restarts = (pod: Pod['status']): number => pod.containerStatuses?.[0]?.restartCount ?? 0
  const now = await stage.kubectl.get<Pod>(`pod/${metadata.name}`)
  if (restarts(now.status) === restarts(status)) throw new Error(`${metadata.name} has not restarted`)
  await expectPods(stage, expected)
}

function firstOf(pods: readonly Pod[]): Pod {
  const [pod] = pods
  if (pod === undefined) throw new Error('no pod of the service is ready')
  return pod
}
