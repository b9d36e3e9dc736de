import { type LocalControlPlane, startControlPlane } from '../../deploy/local/control-plane.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import type { Fleet } from '../../deploy/local/fleet.ts'
import { createFront, type Front } from '../../deploy/local/front.ts'
import { takenPorts } from '../../deploy/local/ports.ts'
import type { KnownWorkload } from '../../deploy/local/workloads.ts'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { CommandError } from '../command-error.ts'
import type { Way } from './start-table.ts'
import type { Print, Surroundings, UpOptions } from './up-options.ts'

/** How calls come to the replicas. */
export interface Entrance extends AsyncDisposable {
  /** Undefined where callers balance by themselves. */
  front: Front | undefined
  /** Tells whoever balances where the replicas are. */
  publish(endpoints: readonly Endpoint[]): Promise<void>
  /** Two ways to the same replicas: by connection, and by call. */
  ways(fleet: Fleet): Way[]
  /** Where it is, for people. */
  address(fleet: Fleet): string
  /** What a command needs to come in this way. */
  flags(fleet: Fleet): string
}

/** What an entrance is opened with. */
export interface EntranceNeeds extends Omit<Surroundings, 'stderr'> {
  options: UpOptions
  workload: KnownWorkload
  print: Print
}

/** What callers ask the control plane for. */
const xdsTarget = 'xds:///evenkeel'

/** Checks all ports, then starts what stands before the replicas; where there is no Envoy, callers do without. */
export async function openEntrance(needs: EntranceNeeds): Promise<Entrance> {
  const { options, run } = needs
  if (options.front === 'none') return addressesOnly
  await checkPorts(options)
  const binary = options.front === 'envoy' ? await findEnvoy({ environment: needs.env, signal: run.signal }) : undefined
  await using opened = new AsyncDisposableStack()
  const controlPlane = opened.use(await openControlPlane(needs))
  if (binary && 'missing' in binary)
    run.note(`${binary.missing}\nGoing on without Envoy: callers balance, told by the control plane.`)
  const found = binary && !('missing' in binary) ? binary : undefined
  const front = found && opened.use(await openFront(needs, { binary: found, controlPlane }))
  const way = front ? withEnvoy(front) : withoutProxy(controlPlane)
  const owned = opened.move()
  return {
    ...way,
    front,
    publish: (endpoints) => controlPlane.publish(endpoints),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Before anything is downloaded or started: the programs themselves would ask last. */
async function checkPorts({ front, port, readyPort, adminPort, controlPlanePort }: UpOptions): Promise<void> {
  const ofEnvoy = front === 'envoy' ? { '--port': port, '--ready-port': readyPort, '--admin-port': adminPort } : {}
  const ports = { ...ofEnvoy, '--control-plane-port': controlPlanePort }
  const addresses = Object.entries(ports).map(([flag, value]) => ({ flag, host: '127.0.0.1', port: value }))
  const taken = await takenPorts(addresses)
  if (taken.length === 0) return
  const each = taken.map(({ address, reason }) => `port ${address.port} is ${reason} (${address.flag})`)
  throw new CommandError(`${each.join(', ')}; give other ports by these flags, 0 takes any free one`)
}

function openControlPlane({ options, workload, env, print }: EntranceNeeds): Promise<LocalControlPlane> {
  return startControlPlane({
    port: options.controlPlanePort,
    balancing: options.balancing,
    idempotent: workload.idempotent,
    environment: env,
    onLine: (line) => print('control-plane', line),
    onCrash: (how) => print('control-plane', `ended unexpectedly: ${how}`),
  }).catch((error: Error) => {
    throw new CommandError(error.message)
  })
}

function openFront(
  { options, workload, print }: EntranceNeeds,
  parts: Pick<Parameters<typeof createFront>[0], 'binary' | 'controlPlane'>,
): Promise<Front> {
  const { port, readyPort, adminPort, balancing, allowedOrigin } = options
  const origins = allowedOrigin ? { allowedOrigins: allowedOrigin } : {}
  const { idempotent } = workload
  const onLine = (line: string): void => print('envoy', line)
  return createFront({ ...parts, port, readyPort, adminPort, balancing, ...origins, idempotent, onLine })
}

/** What differs between entrances. */
type WayIn = Pick<Entrance, 'ways' | 'address' | 'flags'>

function withEnvoy(front: Front): WayIn {
  return {
    ways: () => [
      { name: 'by connection (Envoy as a TCP proxy)', target: front.tcpAddress },
      { name: 'by call (Envoy)', target: front.address },
    ],
    address: () => front.address,
    flags: () => (front.address === '127.0.0.1:8080' ? '' : ` --target ${front.address}`),
  }
}

function withoutProxy(controlPlane: LocalControlPlane): WayIn {
  const xdsServer = `${controlPlane.host}:${controlPlane.port}`
  return {
    ways: (fleet) => [
      { name: 'by connection (first address)', target: addressesOf(fleet) },
      { name: 'by call (in the caller, told by xDS)', target: xdsTarget, xdsServer },
    ],
    address: () => `${xdsTarget} (control plane ${xdsServer})`,
    flags: () => ` --target ${xdsTarget} --xds-server ${xdsServer}`,
  }
}

/** Nothing stands before the replicas, and nobody tells where they are. */
const addressesOnly: Entrance = {
  front: undefined,
  publish: async () => {},
  ways: (fleet) => [
    { name: 'by connection (first address)', target: addressesOf(fleet) },
    {
      name: 'by call (least request in the caller)',
      target: addressesOf(fleet),
      callerBalancing: 'least_request_full_scan',
    },
  ],
  address: addressesOf,
  flags: (fleet) => ` --target ${addressesOf(fleet)} --balance least_request_full_scan`,
  [Symbol.asyncDispose]: async () => {},
}

function addressesOf(fleet: Fleet): string {
  return `ipv4:${fleet.replicas.map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`).join(',')}`
}
