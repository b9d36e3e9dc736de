import { eventually } from '../../support/eventually.ts'
import { installChart, release } from '../support/install-chart.ts'
import { startLoadPod } from '../support/load-pod.ts'
import type { Step } from '../support/run-step.ts'
import { expectPods, readyPods, type Stage } from '../support/stage.ts'
import { baseValues } from '../support/values.ts'

const [fewest, most] = [3, 6]

/** It shrinks soon after the load has ended: as ever, but without the two calm minutes. */
const autoscaling = {
  enabled: true,
  minReplicas: fewest,
  maxReplicas: most,
  targetCpuPercent: 60,
  behavior: {
    scaleDown: { stabilizationWindowSeconds: 15, policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }] },
  },
}

/** Half a core of computing, beside the calls that are counted. */
const cpuLoad = [
  '--target',
  `${release}-envoy:8080`,
  '--job',
  '5ms',
  '--rate',
  '100',
  '--for',
  '5m',
  '--service',
  'primes',
]

/** The number of pods follows the CPU that they use. */
export const autoscale: Step = {
  name: 'autoscale',
  title: 'the autoscaler grows the service under load and shrinks it again, and nothing is lost',
  kind: 'graceful',
  act: async (stage, mark) => {
    mark('helm upgrade: the autoscaler owns the replicas')
    const { service, ...values } = baseValues()
    await installChart(stage.kubectl, { ...values, service: { ...service, autoscaling } })
    {
      mark('load begins')
      const options = { name: 'load-cpu', args: cpuLoad, node: stage.callersNode }
      await using parts = new AsyncDisposableStack()
      parts.use(await startLoadPod(stage.kubectl, options))
      await eventually(() => expectMoreThan(stage, fewest), { withinMs: 180_000, everyMs: 1000 })
      mark('it has grown')
    }
    mark('load has ended')
    await eventually(() => expectPods(stage, fewest), { withinMs: 240_000, everyMs: 1000 })
    mark('it has shrunk')
  },
}

async function expectMoreThan(stage: Stage, bound: number): Promise<void> {
  const { length: pods } = await readyPods(stage)
  if (pods <= bound) throw new Error(`${pods} pods are ready, not more than ${bound}`)
}
