import { installChart } from '../support/install-chart.ts'
import type { Step } from '../support/run-step.ts'
import { baseValues } from '../support/values.ts'

/** Envoy gets another configuration, and the control plane other arguments: both roll. */
export const policyChanged: Step = {
  name: 'upgrade-policy',
  title: 'an upgrade to another balancing policy loses nothing',
  kind: 'graceful',
  act: async ({ kubectl }, mark) => {
    mark('helm upgrade: balancing.policy=round_robin')
    await installChart(kubectl, { ...baseValues(), balancing: { policy: 'round_robin' } })
    mark('it is installed')
  },
}
