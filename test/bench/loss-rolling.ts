import { startFleet } from '../../deploy/local/fleet.ts'
import { holdCommand } from '../support/hold.ts'
import type { CallerReport } from './loss-callers.ts'
import { openLossPlace } from './loss-place.ts'

/** Replicas that leave because they are asked to. */
export interface RollingOptions {
  /** At least so many times each replica is replaced, and so many calls are made through Envoy, and by xds as many. */
  restarts: number
  calls: number
  /** Told after each restart, the scaling included. */
  onStep: () => void
}

/** Little work for many calls: 360 a second of each way, on whatever cores there are. */
const traffic = { rate: 120, jobMs: 5 }
const callersOfWay = 3
const replicas = 3

/**
 * Every replica is replaced by another one, again and again, and then there are 10 of them, 2, 10, under load. A leaving replica is told
 * so right after the control plane was, and takes calls for 2 s more (5 s unless it is told otherwise).
 */
export async function rollingLoss({ restarts, calls, onStep }: RollingOptions): Promise<CallerReport[]> {
  await using place = await openLossPlace()
  await using fleet = await startFleet({
    replicas,
    command: holdCommand,
    settings: ['--workers=4', '--metrics-port=off', '--drain-delay-ms=2000', '--drain-timeout-ms=20000'],
    environment: process.env,
    publish: (endpoints) => place.publish(endpoints),
  })
  await place.open(replicas)
  return await place.callDuring(traffic, async () => {
    const startedAtMs = performance.now()
    const enough = (): boolean => ((performance.now() - startedAtMs) / 1000) * traffic.rate * callersOfWay > calls
    for (let restart = 1; restart <= restarts || !enough(); restart += 1) {
      await fleet.restart()
      if (restart <= restarts) onStep()
    }
    // One by one: on two cores, eight processes that start at once take all of them for seconds.
    while (fleet.replicas.length < 10) await fleet.add()
    // As a smaller number of replicas is asked of a Deployment: all that are too many leave at once.
    await Promise.all(Array.from({ length: 8 }, () => fleet.remove()))
    while (fleet.replicas.length < 10) await fleet.add()
    onStep()
  })
}
