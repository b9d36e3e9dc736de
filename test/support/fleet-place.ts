import assert from 'node:assert/strict'
import { arrivalTimesMs } from '../../cli/spread/arrivals.ts'
import { holdWork } from '../../cli/spread/hold-work.ts'
import { Load } from '../../cli/spread/load.ts'
import { openChannels } from '../../cli/spread/open-channels.ts'
import { type LoadResult, runLoad } from '../../cli/spread/run-load.ts'
import { sendOnSchedule } from '../../cli/spread/send-on-schedule.ts'
import type { Tally } from '../../cli/spread/tally.ts'
import type { Work } from '../../cli/spread/work.ts'
import { type Fleet, startFleet } from '../../deploy/local/fleet.ts'
import { createFront } from '../../deploy/local/front.ts'
import { envoyBinary } from './envoy.ts'
import { eventually } from './eventually.ts'
import { holdCommand } from './hold.ts'
import { openControlPlane } from './local-control-plane.ts'

/** Calls per second of every load: enough to see a gap of 10 ms, little enough for two shared cores. */
const rate = 150

/** A fleet of the hold workload behind Envoy, and loads on it. */
export interface FleetPlace extends AsyncDisposable {
  fleet: Fleet
  address: string
  tcpAddress: string
  crashes: string[]
  /** 5 ms jobs, waiting, over one connection for some seconds or until `signal`. */
  load: (seconds: number, target?: string, signal?: AbortSignal) => Promise<LoadResult>
  /** Resolves when a running load has got its first answers. */
  underLoad: () => Promise<void>
  /** Such a load over one connection, without retries, while `work` runs and until calls are answered after it. Every call is counted. */
  loadDuring: (work: () => Promise<void>) => Promise<Tally>
}

/** Starts it; resolves when Envoy has found all replicas well. */
export async function startFleetPlace(replicas: number): Promise<FleetPlace> {
  await using stack = new AsyncDisposableStack()
  const crashes: string[] = []
  const controlPlane = stack.use(await openControlPlane())
  const front = stack.use(
    await createFront({
      binary: envoyBinary(),
      port: 0,
      readyPort: 0,
      adminPort: 0,
      controlPlane,
      idempotent: true,
      onLine: () => {},
    }),
  )
  const fleet = stack.use(
    await startFleet({
      replicas,
      command: holdCommand,
      settings: ['--workers=4', '--metrics-port=off', '--drain-delay-ms=200', '--drain-timeout-ms=10000'],
      environment: process.env,
      publish: (endpoints) => controlPlane.publish(endpoints),
      onCrash: (name, how) => crashes.push(`${name} ${how}`),
    }),
  )
  await front.open(replicas)
  let answered = 0
  const owned = stack.move()
  return {
    fleet,
    address: front.address,
    tcpAddress: front.tcpAddress,
    crashes,
    loadDuring: (work) => countDuring(front.address, work),
    load: (seconds, target = front.address, signal = new AbortController().signal) =>
      runLoad({
        target,
        work: shortHolds(),
        rate,
        seconds,
        podsExpected: replicas,
        signal,
        onCallEnd: () => {
          answered += 1
        },
      }),
    underLoad: () => eventually(() => assert.ok(answered > rate / 2)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function countDuring(target: string, work: () => Promise<void>): Promise<Tally> {
  const stop = new AbortController()
  const never = new AbortController().signal
  using opened = await openChannels({ target, connections: 1, retries: 'off' }, never)
  const schedule = { rate, seconds: 3600, arrivals: 'even', seed: 1 } as const
  const load = new Load({ target, work: shortHolds(), ...schedule }, opened.channels, never)
  const { startedAtMs, tally } = load
  const send = (dueMs: number): void => load.send(dueMs)
  const sending = sendOnSchedule({ timesMs: arrivalTimesMs(schedule), startedAtMs, send, signal: stop.signal })
  const goesOn = async (): Promise<void> => {
    const later = tally.ok + rate / 2
    await eventually(() => assert.ok(tally.ok > later))
  }
  try {
    await goesOn()
    await work()
    await goesOn()
  } finally {
    stop.abort()
    await sending
    await load.ended()
  }
  return tally
}

const shortHolds = (): Work => holdWork({ mix: { '5ms': 1 }, seed: 1, compute: false })
