import { eventually } from '../../support/eventually.ts'
import { release } from '../support/install-chart.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods } from '../support/stage.ts'

/** As an operator scales. */
export const scale: Step = {
  name: 'scale',
  title: 'scaling 2 to 6 to 1 to 3 loses nothing, and new pods take their share',
  kind: 'graceful',
  act: async (stage, mark) => {
    for (const replicas of [6, 1, 3]) {
      mark(`kubectl scale --replicas ${replicas}`)
      await stage.kubectl.run(['scale', `deployment/${release}`, `--replicas=${replicas}`])
      await eventually(() => expectPods(stage, replicas), { withinMs: 120_000, everyMs: 200 })
    }
  },
}
