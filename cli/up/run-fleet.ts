import { availableParallelism } from 'node:os'
import { type Fleet, startFleet } from '../../deploy/local/fleet.ts'
import { StartFailure } from '../../deploy/local/start-failure.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import { CommandError } from '../command-error.ts'
import { type Entrance, openEntrance } from './entrance.ts'
import { epilogue } from './epilogue.ts'
import { logLine } from './log-line.ts'
import { startTable } from './start-table.ts'
import { untilEnded } from './until-ended.ts'
import type { Print, Surroundings, UpOptions } from './up-options.ts'

/** Runs a fleet until a signal or `quit`, and leaves nothing behind. Resolves to the exit code. */
export async function runFleet(options: UpOptions, surroundings: Surroundings): Promise<number> {
  const { run, env } = surroundings
  await using stack = new AsyncDisposableStack()
  const workload = workloadNamed(options.workload)
  const print: Print = (name, line) => void run.out.write(logLine(name, line)).catch(() => {})
  const entrance = stack.use(await openEntrance({ options, workload, run, env, print }))
  // Replicas drain before the entrance goes: what callers still have open is finished.
  const table = { shown: !options.table }
  // The table overloads one replica on purpose, and counts what it refuses.
  const onLine: Print = (name, line) => {
    if (table.shown || !line.includes('"msg":"call"')) print(name, line)
  }
  const fleet = stack.use(await openFleet({ options, main: workload.main, entrance, env, print, onLine }))
  run.signal.throwIfAborted()
  await entrance.front?.open(options.replicas).catch((error: Error) => {
    throw new CommandError(error.message)
  })
  if (options.table) await showTable(options, surroundings, { fleet, entrance })
  table.shown = true
  run.note(epilogue(options.workload, fleet, entrance))
  await untilEnded({ run, fleet, front: entrance.front, print })
  return 0
}

/** Endpoints change before a replica is told to leave, so it need not wait long for balancers to notice. */
const fleetSettings = ['--metrics-port=0', '--reflection', '--drain-delay-ms=300', '--drain-timeout-ms=32000']

function shareOfCores(replicas: number): number {
  return Math.max(1, Math.floor(availableParallelism() / replicas))
}

interface FleetNeeds {
  options: UpOptions
  main: string
  entrance: Entrance
  env: NodeJS.ProcessEnv
  print: Print
  /** Takes what replicas write. */
  onLine: Print
}

function openFleet({ options, main, entrance, env, print, onLine }: FleetNeeds): Promise<Fleet> {
  return startFleet({
    replicas: options.replicas,
    command: [process.execPath, main],
    settings: [`--workers=${options.workers ?? shareOfCores(options.replicas)}`, ...fleetSettings, ...options.settings],
    environment: env,
    publish: (endpoints) => entrance.publish(endpoints),
    onLine,
    onCrash: (name, how) => print(name, `ended unexpectedly: ${how}`),
  }).catch((error: Error) => {
    throw new CommandError(error.message, error instanceof StartFailure && error.kind === 'usage' ? 2 : 1)
  })
}

async function showTable(
  { workload }: UpOptions,
  { run, stderr }: Surroundings,
  { fleet, entrance }: { fleet: Fleet; entrance: Entrance },
): Promise<void> {
  if (workload !== 'primes' && workload !== 'hold') return
  const replicas = fleet.replicas.map(({ name }) => name)
  run.note('Showing what balancing each call does; this takes a few seconds.')
  const table = await startTable({ workload, ways: entrance.ways(fleet), replicas, signal: run.signal, stderr })
  await run.out.write(`\n${table}\n`)
}
