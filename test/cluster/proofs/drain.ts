import { eventually } from '../../support/eventually.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods, readyPods } from '../support/stage.ts'

/** As an operator empties a node. Evictions wait for the disruption budgets. */
export const drain: Step = {
  name: 'drain',
  title: 'a drain of a node, guarded by the disruption budgets, loses nothing',
  kind: 'graceful',
  act: async (stage, mark) => {
    const { kubectl, otherNode } = stage
    const { length: replicas } = await readyPods(stage)
    mark(`kubectl drain ${otherNode}`)
    const ours = ['--pod-selector=app.kubernetes.io/instance=evenkeel', '--ignore-daemonsets', '--delete-emptydir-data']
    try {
      await kubectl.run(['drain', otherNode, ...ours, '--timeout=170s'], { timeoutMs: 180_000 })
      mark(`${otherNode} is empty`)
      await eventually(() => expectPods(stage, replicas), { withinMs: 60_000, everyMs: 200 })
    } finally {
      await kubectl.run(['uncordon', otherNode])
    }
  },
}
