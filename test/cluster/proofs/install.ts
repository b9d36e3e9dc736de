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

/** Of uneven calls, what counts is not how many a pod gets, but how busy it is. */
export const mixedLoad: Step = {
  name: 'mixed-load',
  title: 'calls of uneven length keep all pods busy',
  kind: 'graceful',
  callers: ['mixed'],
  calmAfterMs: 20_000,
  act: async () => undefined,
}
