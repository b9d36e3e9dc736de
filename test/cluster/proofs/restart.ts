import { eventually } from '../../support/eventually.ts'
import { release } from '../support/install-chart.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods, readyPods } from '../support/stage.ts'

/** A rollout of one component: all of its pods are replaced. */
export function restart(component: 'service' | 'envoy' | 'control-plane'): Step {
  const deployment = component === 'service' ? release : `${release}-${component}`
  return {
    name: `restart-${component}`,
    title: `a rollout of ${component} loses nothing`,
    kind: 'graceful',
    act: async (stage, mark) => {
      const { length: replicas } = await readyPods(stage, component)
      mark(`kubectl rollout restart deployment/${deployment}`)
      await stage.kubectl.run(['rollout', 'restart', `deployment/${deployment}`])
      await stage.kubectl.rolledOut(deployment)
      await eventually(() => expectPods(stage, replicas, component), { withinMs: 120_000, everyMs: 200 })
      mark('all pods are new')
    },
  }
}
