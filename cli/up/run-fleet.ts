import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { type Fleet, startFleet } from '../../deploy/local/fleet.ts'
import { createFront, type Front } from '../../deploy/local/front.ts'
import { takenPorts } from '../../deploy/local/ports.ts'
import { StartFailure } from '../../deploy/local/start-failure.ts'
import { type KnownWorkload, workloadNamed } from '../../deploy/local/workloads.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { CommandError } from '../command-error.ts'
import type { CommandRun } from '../run-command.ts'
import { fleetCommand, fleetHelp } from './fleet-commands.ts'
import { logLine } from './log-line.ts'
import { startTable, type Way } from './start-table.ts'

/** What `evenkeel up` is told. */
export interface UpOptions {
  replicas: number
  workload: string
  workers?: number
  front: 'envoy' | 'none'
  balancing: BalancingPolicy
  port: number
  readyPort: number
  adminPort: number
  /** Origins of web pages that may call, instead of those of one's own machine. */
  allowedOrigin?: string[]
  /** False to go without the table at the start. */
  table: boolean
  /** Settings of every replica, as flags. */
  settings: string[]
}

/** What a fleet runs in. */
export interface Surroundings {
  run: CommandRun
  env: NodeJS.ProcessEnv
  stderr: NodeJS.WriteStream
}

/** Runs a fleet until a signal or `quit`, and leaves nothing behind. Resolves to the exit code. */
export async function runFleet(options: UpOptions, { run, env, stderr }: Surroundings): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const workload = workloadNamed(options.workload)
  const print = (name: string, line: string): void => void run.out.write(logLine(name, line)).catch(() => {})
  const front = await openFront({ options, workload, run, env, print })
  if (front) stack.use(front)
  const fleet = await startFleet({
    replicas: options.replicas,
    command: [process.execPath, workload.main],
    settings: [`--workers=${options.workers ?? shareOfCores(options.replicas)}`, ...fleetSettings, ...options.settings],
    environment: env,
    ...(front ? { publish: (endpoints) => front.publish(endpoints) } : {}),
    onLine: print,
    onCrash: (name, how) => print(name, `ended unexpectedly: ${how}`),
  }).catch((error: Error) => {
    throw new CommandError(error.message, error instanceof StartFailure && error.kind === 'usage' ? 2 : 1)
  })
  // Replicas drain before Envoy goes: what callers still have open is finished.
  stack.use(fleet)
  run.signal.throwIfAborted()
  await front?.open(options.replicas).catch((error: Error) => {
    throw new CommandError(error.message)
  })
  if (options.table) await showTable(options, { run, fleet, front, stderr })
  run.note(epilogue(options.workload, fleet, front))
  await untilEnded({ run, fleet, front, print })
  return 0
}

/** Endpoints change before a replica is told to leave, so it need not wait long for balancers to notice. */
const fleetSettings = ['--metrics-port=0', '--reflection', '--drain-delay-ms=300', '--drain-timeout-ms=32000']

function shareOfCores(replicas: number): number {
  return Math.max(1, Math.floor(availableParallelism() / replicas))
}

interface FrontNeeds extends Omit<Surroundings, 'stderr'> {
  options: UpOptions
  workload: KnownWorkload
  print: (name: string, line: string) => void
}

async function openFront({ options, workload, run, env, print }: FrontNeeds): Promise<Front | undefined> {
  if (options.front === 'none') return undefined
  // Before anything is downloaded or started: Envoy itself would ask last.
  await checkPorts(options)
  const binary = await findEnvoy({ environment: env, signal: run.signal })
  if ('missing' in binary) {
    run.note(`${binary.missing}\nGoing on without Envoy, with balancing in the caller.`)
    return undefined
  }
  const { port, readyPort, adminPort, balancing, allowedOrigin } = options
  const onLine = (line: string): void => print('envoy', line)
  const origins = allowedOrigin ? { allowedOrigins: allowedOrigin } : {}
  const { idempotent } = workload
  return createFront({ binary, port, readyPort, adminPort, balancing, ...origins, idempotent, onLine })
}

async function checkPorts({ port, readyPort, adminPort }: UpOptions): Promise<void> {
  const ports = { '--port': port, '--ready-port': readyPort, '--admin-port': adminPort }
  const addresses = Object.entries(ports).map(([flag, value]) => ({ flag, host: '127.0.0.1', port: value }))
  const taken = await takenPorts(addresses)
  if (taken.length === 0) return
  const each = taken.map(({ address, reason }) => `port ${address.port} is ${reason} (${address.flag})`)
  throw new CommandError(`${each.join(', ')}; give other ports by these flags, 0 takes any free one`)
}

interface Running {
  run: CommandRun
  fleet: Fleet
  front: Front | undefined
}

async function showTable(
  { workload }: UpOptions,
  { run, fleet, front, stderr }: Running & Pick<Surroundings, 'stderr'>,
): Promise<void> {
  if (workload !== 'primes' && workload !== 'hold') return
  const addresses = fleet.replicas.map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`).join(',')
  const ways: Way[] = front
    ? [
        { name: 'by connection (Envoy as a TCP proxy)', target: front.tcpAddress },
        { name: 'by call (Envoy, least request)', target: front.address },
      ]
    : [
        { name: 'by connection (first address)', target: `ipv4:${addresses}` },
        {
          name: 'by call (least request in the caller)',
          target: `ipv4:${addresses}`,
          callerBalancing: 'least_request_full_scan',
        },
      ]
  const replicas = fleet.replicas.map(({ name }) => name)
  run.note('Showing what balancing each call does; this takes a few seconds.')
  const table = await startTable({ workload, ways, replicas, signal: run.signal, stderr })
  await run.out.write(`\n${table}\n`)
}

/** The calls that fit a workload, as they are typed. */
const callsOf: Record<string, readonly string[]> = {
  primes: [
    'npx evenkeel check 25 18446744073709551557',
    'npx evenkeel factorize 340282366920938463463374607431768211457',
    'npx evenkeel list 1 100',
    'npx evenkeel spread --rate 500 --for 10s --job tiny --expect-pods 3',
  ],
  hold: ['npx evenkeel spread --service hold --rate 200 --for 10s --job mix --expect-pods 3'],
}

/** For a workload of one's own; reflection tells spread what its methods take. */
const callsOfOthers = [
  "npx evenkeel spread --call package.Service/Method --data '{}' --rate 100 --for 10s --expect-pods 3",
]

function epilogue(workload: string, fleet: Fleet, front: Front | undefined): string {
  const first = fleet.replicas[0]?.endpoint
  const address = front?.address ?? `${first?.address}:${first?.port}`
  const target = address === '127.0.0.1:8080' ? '' : ` --target ${address}`
  const pods = `--expect-pods ${front ? fleet.replicas.length : 1}`
  const calls = (callsOf[workload] ?? callsOfOthers).map(
    (call) => `  ${call.replace('--expect-pods 3', pods)}${target}`,
  )
  const count = fleet.replicas.length
  const who = `${count} ${count === 1 ? 'replica serves' : 'replicas serve'} at ${address}`
  const note = front ? '' : ' (the first of them; there is no Envoy)'
  return [`${who}${note}. Try, from a second shell:`, ...calls, `${fleetHelp} Ctrl-C ends all of it.`].join('\n')
}

/** Waits for a signal, `quit`, or the end of Envoy; acts on what is typed meanwhile, one line after the other. */
async function untilEnded({ run, fleet, front, print }: Running & { print: FrontNeeds['print'] }): Promise<void> {
  const ended = Promise.withResolvers<void>()
  const onSignal = (): void => ended.resolve()
  if (run.signal.aborted) onSignal()
  run.signal.addEventListener('abort', onSignal, { once: true })
  void front?.ended.then(({ code, signal }) => {
    if (!run.signal.aborted)
      ended.reject(new CommandError(`Envoy ended (${signal ?? `exit code ${code}`}); see its lines above`))
  })
  const lines = createInterface({ input: run.stdin })
  let busy = Promise.resolve()
  lines.on('line', (line) => {
    busy = busy
      .then(() => fleetCommand(fleet, line))
      .then((said) => {
        if (said === 'quit') ended.resolve()
        else if (said !== '') print('fleet', said)
      })
      .catch((error: Error) => print('fleet', error.message))
  })
  try {
    await ended.promise
  } finally {
    lines.close()
    run.stdin.destroy()
  }
}
