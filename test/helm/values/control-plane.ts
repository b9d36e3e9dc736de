import { budgetCases, imageCases, placementCases } from './of-pods.ts'
import type { ValueCases } from './value-case.ts'

const pod = 'Deployment/evenkeel-control-plane spec template spec'
const container = `${pod} containers control-plane`

/** What the values below `controlPlane` do. */
export const controlPlaneCases: ValueCases = {
  ...imageCases('controlPlane.image', container),
  'controlPlane.replicas': {
    says: 'is how many instances there are',
    set: 3,
    at: 'Deployment/evenkeel-control-plane spec replicas',
  },
  'controlPlane.maxSubscribers': {
    says: 'is how many streams one takes',
    set: 100_000,
    at: `${container} env EVENKEEL_MAX_SUBSCRIBERS value`,
    is: '100000',
  },
  'controlPlane.drainTimeoutMs': {
    says: 'is how long subscribers may take to leave, before the pod is killed',
    set: 9500,
    at: (rendering) => [
      rendering.at(`${container} env EVENKEEL_DRAIN_TIMEOUT_MS value`),
      rendering.at(`${pod} terminationGracePeriodSeconds`),
    ],
    is: ['9500', 17],
  },
  'controlPlane.logLevel': {
    says: 'is what it logs',
    set: 'debug',
    at: `${container} env EVENKEEL_LOG_LEVEL value`,
  },
  'controlPlane.resources': {
    says: 'is what a pod asks for and may use',
    set: { requests: { cpu: '75m' } },
    at: `${container} resources requests cpu`,
    is: '75m',
  },
  ...budgetCases('controlPlane.disruptionBudget', 'evenkeel-control-plane'),
  ...placementCases('controlPlane', 'evenkeel-control-plane'),
}
