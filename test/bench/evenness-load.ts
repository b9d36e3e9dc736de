import { holdWork } from '../../cli/spread/hold-work.ts'
import type { JobMix } from '../../cli/spread/jobs.ts'
import type { LoadOptions } from '../../cli/spread/load-options.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import type { Summary } from '../../cli/spread/summarize.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { startFleet } from '../../deploy/local/fleet.ts'
import { createFront } from '../../deploy/local/front.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { openControlPlane } from '../support/local-control-plane.ts'

/** Jobs of very different length, waiting instead of computing: two cores stand for twelve. */
export const mix: JobMix = { '10ms': 0.7, '50ms': 0.25, '200ms': 0.05 }

/** Replicas, and the workers of each. */
export interface Shape {
  replicas: number
  workers: number
}

/** Who balances: Envoy, or the channel of the caller, told by xDS. */
export type Way = 'Envoy' | 'the client'

/** One load. */
export interface EvennessRun {
  shape: Shape
  way: Way
  policy: BalancingPolicy
  rate: number
  seconds: number
  seed: number
}

/** Starts what is needed for one load, makes it over one channel, and ends all of it. */
export async function loadOnce({ shape, way, policy, ...load }: EvennessRun): Promise<Summary> {
  await using stack = new AsyncDisposableStack()
  const controlPlane = stack.use(await openControlPlane({ balancing: policy }))
  const front = way === 'Envoy' ? stack.use(await openFront(controlPlane, policy)) : undefined
  const fleet = stack.use(
    await startFleet({
      replicas: shape.replicas,
      command: [process.execPath, workloadNamed('hold').main],
      settings: [`--workers=${shape.workers}`, '--queue-limit=100000', '--metrics-port=off', '--drain-delay-ms=0'],
      environment: process.env,
      publish: (endpoints) => controlPlane.publish(endpoints),
    }),
  )
  await front?.open(fleet.replicas.length)
  const to: Pick<LoadOptions, 'target' | 'xdsServer'> = front
    ? { target: front.address }
    : { target: 'xds:///evenkeel', xdsServer: `${controlPlane.host}:${controlPlane.port}` }
  const work = holdWork({ mix, seed: load.seed, compute: false })
  const podsExpected = shape.replicas
  const { summary } = await runLoad({ ...to, ...load, work, arrivals: 'poisson', podsExpected, deadlineMs: 30_000 })
  return summary
}

async function openFront(controlPlane: { host: string; port: number }, balancing: BalancingPolicy) {
  const binary = await findEnvoy({ environment: process.env })
  if ('missing' in binary) throw new Error(binary.missing)
  const ports = { port: 0, readyPort: 0, adminPort: 0 }
  return createFront({ binary, ...ports, balancing, controlPlane, idempotent: true, onLine: () => {} })
}
