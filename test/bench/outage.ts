import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Channel } from '@grpc/grpc-js'
import { openChannel } from '../../client/channel.ts'
import { startControlPlaneProcess, writeServices } from '../../deploy/local/control-plane-process.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { createFront } from '../../deploy/local/front.ts'
import { temporaryFolder } from '../../deploy/local/temporary-folder.ts'
import { startBackend } from '../support/backend.ts'
import { eventually } from '../support/eventually.ts'
import type { Row } from './row.ts'
import { type SteadyCalls, startSteadyCalls } from './steady-calls.ts'

/** How long the control plane is away, and how often progress is told. */
export interface OutageOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

/** Calls a second, of each of the two ways. */
const rate = 200
/** grpc-js waits up to two minutes between its attempts; after this a change is said not to have arrived, in ms. */
const longestWaitMs = 150_000

/**
 * The control plane is killed under load and stays away. A replica is exchanged meanwhile; the old one goes on serving, for nobody
 * can know. Then the control plane is back: how long until the new one answers, through Envoy and to grpc-js without it.
 */
export async function outageBench({ seconds = 60, onProgress }: OutageOptions = {}): Promise<Row[]> {
  await using stack = new AsyncDisposableStack()
  const start = async (name: string) => stack.use(await startBackend(name)).endpoint
  const [staying, leaving, coming] = [await start('staying'), await start('leaving'), await start('coming')]
  const path = join(stack.use(await temporaryFolder('outage')).path, 'endpoints.yaml')
  await writeServices(path, [staying, leaving])
  const killed = await startProcess(path, 0)
  const address = { host: killed.endpoint.address, port: killed.endpoint.port }
  const envoy = await throughEnvoy(address, stack)
  const xds = await openChannel('xds:///evenkeel', { xds: { server: `${address.host}:${address.port}` } })
  stack.defer(() => xds.close())
  await using byEnvoy = startSteadyCalls(envoy, rate)
  await using byXds = startSteadyCalls(xds, rate)
  const answers = (load: SteadyCalls, pod: string, withinMs = 10_000): Promise<number> =>
    eventually(() => load.firstAnswers.get(pod) ?? Promise.reject(new Error(`${pod} does not answer`)), { withinMs })
  for (const load of [byEnvoy, byXds]) await answers(load, 'leaving')

  killed.kill('SIGKILL')
  await killed.exited
  await writeServices(path, [staying, coming])
  for (let second = 1; second <= seconds; second += 1) {
    await delay(1000)
    onProgress?.(second, seconds)
  }
  const back = await startProcess(path, address.port)
  stack.defer(async () => {
    back.kill('SIGTERM')
    await back.exited
  })
  const backAtMs = performance.now()
  const arrived = async (load: SteadyCalls): Promise<number> =>
    ((await answers(load, 'coming', longestWaitMs).catch(() => Number.POSITIVE_INFINITY)) - backAtMs) / 1000
  const peer = `after ${seconds} s without a control plane`
  return [
    { name: 'a change made meanwhile, at Envoy', value: await arrived(byEnvoy), unit: 's', aim: 2, peer },
    { name: 'the same at grpc-js by xds', value: await arrived(byXds), unit: 's', aim: null, peer },
    lostRow('Envoy', byEnvoy),
    lostRow('grpc-js by xds', byXds),
  ]
}

function startProcess(path: string, port: number) {
  const balancing = 'least_request_full_scan'
  return startControlPlaneProcess({
    path,
    port,
    balancing,
    idempotent: true,
    environment: process.env,
    onLine: () => {},
  })
}

async function throughEnvoy(
  controlPlane: { host: string; port: number },
  stack: AsyncDisposableStack,
): Promise<Channel> {
  const binary = await findEnvoy({ environment: process.env })
  if ('missing' in binary) throw new Error(binary.missing)
  const ports = { port: 0, readyPort: 0, adminPort: 0 }
  const front = stack.use(await createFront({ binary, ...ports, controlPlane, idempotent: true, onLine: () => {} }))
  await front.open(2)
  const channel = await openChannel(front.address)
  stack.defer(() => channel.close())
  return channel
}

function lostRow(way: string, { ended, failures }: SteadyCalls): Row {
  const peer = `${ended} calls${failures.length > 0 ? `; ${failures[0]}` : ''}`
  return { name: `${way}: calls lost`, value: failures.length, unit: 'calls', aim: 0, peer }
}
