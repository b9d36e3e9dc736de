import { setTimeout as delay } from 'node:timers/promises'
import { type Replica, startReplica } from '../../deploy/local/replica.ts'
import { holdCommand } from '../support/hold.ts'
import type { CallerReport } from './loss-callers.ts'
import { type LossPlace, openLossPlace } from './loss-place.ts'

/** 240 calls a second of 40 ms at 4 × 4 workers, which could take 400: 60 %. */
const traffic = { rate: 40, jobMs: 40 }
const replicas = 4
/** Between two kills, and from a kill to the start of a replacement, in ms: kubelet looks at its containers once a second. */
const killEveryMs = 3000
const noticedAfterMs = 1000
/** How long a replica is stopped, and how long is watched after it goes on, in ms. */
const stoppedMs = 12_000
const afterMs = 5000

/**
 * One of four replicas after the other is killed under load, one every 3 s. It stays listed until its replacement serves, which is
 * started a second later: until then callers have nothing but the broken connection to go by.
 */
export async function killLoss({ kills, onStep }: { kills: number; onStep: () => void }): Promise<CallerReport[]> {
  await using place = await openLossPlace()
  await using crew = await startCrew(place)
  return await place.callDuring(traffic, async () => {
    for (let kill = 0; kill < kills; kill += 1) {
      await Promise.all([delay(killEveryMs), crew.crash(kill % replicas)])
      onStep()
    }
  })
}

/** What came of replicas that were stopped. */
export interface StopLoss {
  reports: CallerReport[]
  /** When each of them was stopped, in ms of the wall clock. */
  stoppedAtMs: number[]
}

/** One of four replicas is stopped by SIGSTOP under load, goes on 12 s later, and then the next one. Nobody is told. */
export async function stopLoss({ stops, onStep }: { stops: number; onStep: () => void }): Promise<StopLoss> {
  await using place = await openLossPlace()
  await using crew = await startCrew(place)
  const stoppedAtMs: number[] = []
  const reports = await place.callDuring(traffic, async () => {
    for (let stop = 0; stop < stops; stop += 1) {
      const replica = crew.at(stop % replicas)
      stoppedAtMs.push(performance.timeOrigin + performance.now())
      replica.kill('SIGSTOP')
      await delay(stoppedMs)
      replica.kill('SIGCONT')
      await delay(afterMs)
      onStep()
    }
  })
  return { reports, stoppedAtMs }
}

/** Replicas that are listed whether they live or not. */
interface Crew extends AsyncDisposable {
  at(index: number): Replica
  /** Kills a replica; resolves when another one has taken its place. */
  crash(index: number): Promise<void>
}

async function startCrew(place: LossPlace): Promise<Crew> {
  await using stack = new AsyncDisposableStack()
  const started: Replica[] = []
  let names = 0
  const start = async (): Promise<Replica> => {
    const replica = await startReplica({
      name: `replica-${(names += 1)}`,
      command: holdCommand,
      settings: ['--workers=4', '--metrics-port=off', '--drain-delay-ms=0'],
      environment: process.env,
      onLine: () => {},
    })
    started.push(replica)
    return replica
  }
  stack.defer(async () => {
    for (const replica of started) replica.kill('SIGKILL')
    await Promise.all(started.map(({ exited }) => exited))
  })
  const crew = await Promise.all(Array.from({ length: replicas }, start))
  const publish = () => place.publish(crew.map(({ endpoint }) => endpoint))
  await publish()
  await place.open(replicas)
  const at = (index: number): Replica => crew[index] as Replica
  const owned = stack.move()
  return {
    at,
    crash: async (index) => {
      at(index).kill('SIGKILL')
      await delay(noticedAfterMs)
      crew[index] = await start()
      await publish()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
