import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import { release } from '../support/install-chart.ts'
import { fault } from '../support/own-cluster.ts'
import type { Step } from '../support/run-step.ts'
import { expectListed, expectPods, readyPods } from '../support/stage.ts'

const outageMs = 60_000
const controlPlane = `${release}-control-plane`

/** Nobody tells Envoy and callers anything for a minute. */
export const controlPlaneAway: Step = {
  name: 'control-plane-away',
  title: 'a minute without a control plane loses nothing',
  kind: 'graceful',
  act: async (stage, mark) => {
    const { length: replicas } = await readyPods(stage, 'control-plane')
    const scaleTo = (count: number): Promise<string> =>
      stage.kubectl.run(['scale', `deployment/${controlPlane}`, `--replicas=${count}`])
    mark('kubectl scale the control plane to 0')
    await scaleTo(0)
    await eventually(() => expectPods(stage, 0, 'control-plane'), { withinMs: 60_000, everyMs: 200 })
    await delay(outageMs)
    mark('the control plane is back')
    await scaleTo(replicas)
    await stage.kubectl.rolledOut(controlPlane)
  },
}

/** Kubernetes itself stands still for a minute. */
export const apiServerAway: Step = {
  name: 'api-server-away',
  title: 'a minute without the API server loses nothing, and a pod that comes after it is used',
  kind: 'graceful',
  untimed: 'after an outage Kubernetes itself lists pods late',
  nodesAtHand: true,
  act: async (stage, mark) => {
    const { length: replicas } = await readyPods(stage)
    mark('the API server is stopped')
    await fault('stop-api')
    await delay(outageMs)
    await fault('start-api')
    mark('the API server is back')
    await stage.kubectl.run(['scale', `deployment/${release}`, `--replicas=${replicas + 1}`])
    await eventually(() => expectPods(stage, replicas + 1), { withinMs: 120_000, everyMs: 200 })
    mark('a pod came')
    // Controllers of Kubernetes wait twice as long after each failure: after one outage it took them more than a minute.
    await eventually(() => expectListed(stage), { withinMs: 240_000, everyMs: 1000 })
    mark('Kubernetes lists it')
    await stage.kubectl.run(['scale', `deployment/${release}`, `--replicas=${replicas}`])
    await eventually(() => expectPods(stage, replicas), { withinMs: 120_000, everyMs: 200 })
  },
}
