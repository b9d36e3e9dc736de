import { eventually } from '../../support/eventually.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods } from '../support/stage.ts'

/** What was just installed, under load. */
export const installed: Step = {
  name: 'install',
  title: 'what was just installed serves from all of its pods',
  kind: 'graceful',
  act: (stage) => eventually(() => expectPods(stage, 2)),
}
