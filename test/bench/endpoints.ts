import { setTimeout as delay } from 'node:timers/promises'
import type { Channel } from '@grpc/grpc-js'
import { openChannel } from '../../client/channel.ts'
import type { LocalControlPlane } from '../../deploy/local/control-plane.ts'
import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { createFront } from '../../deploy/local/front.ts'
import { type Backend, startBackend } from '../support/backend.ts'
import { eventually } from '../support/eventually.ts'
import { openControlPlane } from '../support/local-control-plane.ts'
import { quantile, type Row } from './row.ts'
import { startSteadyCalls } from './steady-calls.ts'

/** How often progress is told. */
export interface EndpointsOptions {
  onProgress?: (done: number, total: number) => void
}

/** Changes of each way, half of them additions; calls a second meanwhile, so that more than 20 000 are made in all. */
const changes = 120
const rate = 400
/** How long calls are watched after a change, in ms: longer than it may take to be heeded. */
const settleMs = 250

/** How callers learn of endpoints. */
const ways = ['Envoy, delta', 'Envoy, state of the world', 'grpc-js, xds'] as const

/**
 * A replica is added and removed again and again under load: from the moment that the control plane's source changes to the first call
 * at the new replica, and to the last new call at the one that left.
 */
export async function endpointsBench({ onProgress }: EndpointsOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  for (const [index, way] of ways.entries()) {
    rows.push(...(await measure(way)))
    onProgress?.(index + 1, ways.length)
  }
  return rows
}

async function measure(way: (typeof ways)[number]): Promise<Row[]> {
  await using stack = new AsyncDisposableStack()
  const [first, second, third] = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => stack.use(await startBackend(name))),
  )
  if (!first || !second || !third) throw new Error('three backends were to be started')
  const controlPlane = stack.use(await openControlPlane())
  const without = [first.endpoint, second.endpoint]
  await controlPlane.publish(without)
  const channel = await openWay(way, controlPlane, stack)
  stack.defer(() => channel.close())
  await using load = startSteadyCalls(channel, rate)
  await eventually(() => {
    if (load.ended < rate) throw new Error('no calls end')
  })
  const added: number[] = []
  const removed: number[] = []
  for (let change = 0; change < changes; change += 1) {
    const joins = change % 2 === 0
    const endpoints = joins ? [...without, third.endpoint] : without
    const calls = watch(third)
    await controlPlane.publish(endpoints)
    if (joins) added.push(await calls.firstMs)
    await delay(settleMs)
    if (!joins) removed.push(calls.lastMs())
    calls.stop()
  }
  const peer = `${load.ended} calls, ${load.failures.length} lost${load.failures.length > 0 ? `: ${load.failures[0]}` : ''}`
  return [
    ...rowsOf(`${way}: added, first call at it`, added, null),
    ...rowsOf(`${way}: removed, last call at it`, removed, null),
    { name: `${way}: calls lost`, value: load.failures.length, unit: 'calls', aim: 0, peer },
  ]
}

/** When calls come to a backend from now on, in ms; the last is 0 while none came. */
function watch(backend: Backend): { firstMs: Promise<number>; lastMs: () => number; stop: () => void } {
  const startedAtMs = performance.now()
  const first = Promise.withResolvers<number>()
  let seen = backend.attempts
  let lastMs = 0
  const stop = backend.onChange(() => {
    if (backend.attempts === seen) return
    seen = backend.attempts
    lastMs = performance.now() - startedAtMs
    first.resolve(lastMs)
  })
  return { firstMs: first.promise, lastMs: () => lastMs, stop }
}

async function openWay(way: string, controlPlane: LocalControlPlane, stack: AsyncDisposableStack): Promise<Channel> {
  const { host, port } = controlPlane
  if (way === 'grpc-js, xds') return openChannel('xds:///evenkeel', { xds: { server: `${host}:${port}` } })
  const binary = await findEnvoy({ environment: process.env })
  if ('missing' in binary) throw new Error(binary.missing)
  const protocol = way === 'Envoy, delta' ? 'DELTA_GRPC' : 'GRPC'
  const ports = { port: 0, readyPort: 0, adminPort: 0 }
  const onLine = (): void => {}
  const front = await createFront({
    binary,
    ...ports,
    controlPlane: { host, port, protocol },
    idempotent: true,
    onLine,
  })
  stack.use(front)
  await front.open(2)
  return openChannel(front.address)
}

function rowsOf(name: string, figures: readonly number[], peer: string | null): Row[] {
  const sorted = figures.toSorted((a, b) => a - b)
  return [
    { name: `${name}, p50`, value: quantile(sorted, 0.5), unit: 'ms', aim: null, peer: `${sorted.length} changes` },
    { name: `${name}, p99`, value: quantile(sorted, 0.99), unit: 'ms', aim: 200, peer },
  ]
}
