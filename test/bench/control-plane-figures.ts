import { setTimeout as delay } from 'node:timers/promises'
import { endpointsResource } from '../../control-plane/resources/endpoints.ts'
import { type Change, type FedServer, markerOf, serviceName } from './feed.ts'
import { cpuMs, peakMb, residentMb } from './process-cost.ts'
import { quantile, type Row } from './row.ts'
import { type Protocol, subscriberCount, Subscribers } from './subscribers.ts'

/** Many services, of which one changes at a time, and one large service; each change is of one endpoint. */
const many = { services: 100, endpoints: 100, changes: 100 }
const large = { services: 1, endpoints: 10_000, changes: 20 }
/** Changes of each before it is measured. */
const warmUpChanges = 10
/** Rest between changes, so that none waits for the one before. */
const restMs = 50
/** The storm: changes to all services in turn, for ten seconds. */
const storm = { changes: 1000, gapMs: 10 }

/** A figure of one server. */
export type Figure = Omit<Row, 'peer'>

/** What is measured of one server, which does nothing else in its life. */
export type Part = (server: FedServer) => Promise<Figure[]>

/** All that is measured. */
export const parts: readonly Part[] = [
  (server) => manyServices(server, 'delta'),
  (server) => manyServices(server, 'state of the world'),
  (server) => largeService(server, 'delta'),
  (server) => largeService(server, 'state of the world'),
]

async function manyServices(server: FedServer, protocol: Protocol): Promise<Figure[]> {
  using subscribers = await subscribe(server, protocol, many)
  const name = (what: string): string => `1 of 100 services changes, ${protocol}: ${what}`
  const { tookMs, cpuMsPerChange, bytes } = await changeInTurn(server, subscribers, many)
  const memoryMb = await residentMb(server.pid)
  return [
    { name: name('everywhere, p50'), value: quantile(tookMs, 0.5), unit: 'ms', aim: null },
    { name: name('everywhere, p99'), value: quantile(tookMs, 0.99), unit: 'ms', aim: 1000 },
    { name: name('bytes sent, of the service'), value: bytes / sizeOfService(many), unit: 'ratio', aim: 1.1 },
    { name: name('server CPU'), value: cpuMsPerChange, unit: 'ms', aim: null },
    { name: name('memory'), value: memoryMb, unit: 'MB', aim: 200 },
    ...(await stormOfChanges(server, subscribers, protocol)),
  ]
}

async function largeService(server: FedServer, protocol: Protocol): Promise<Figure[]> {
  using subscribers = await subscribe(server, protocol, large)
  const name = (what: string): string => `1 of 10 000 endpoints changes, ${protocol}: ${what}`
  const { tookMs, cpuMsPerChange, bytes } = await changeInTurn(server, subscribers, large)
  return [
    { name: name('everywhere, p50'), value: quantile(tookMs, 0.5), unit: 'ms', aim: null },
    { name: name('server CPU'), value: cpuMsPerChange, unit: 'ms', aim: null },
    { name: name('bytes to each'), value: bytes / 1000, unit: 'kB', aim: null },
    { name: name('memory at most'), value: await peakMb(server.pid), unit: 'MB', aim: null },
  ]
}

/** Starts anew with services as given, and lets everyone come. */
async function subscribe(server: FedServer, protocol: Protocol, world: typeof many): Promise<Subscribers> {
  server.tell({ services: world.services, endpoints: world.endpoints })
  const subscribers = new Subscribers(server.address, protocol, world.services)
  await subscribers.everyoneHas(Array.from({ length: world.services }, (_, service) => ({ service, change: 0 })))
  return subscribers
}

/** Changes one service after the other. Times are sorted; bytes are those of one change to one subscriber. */
async function changeInTurn(
  server: FedServer,
  subscribers: Subscribers,
  { services, changes }: typeof many,
): Promise<{ tookMs: number[]; cpuMsPerChange: number; bytes: number }> {
  const tookMs: number[] = []
  const before = { cpuMs: 0, bytes: 0 }
  for (let change = 1; change <= warmUpChanges + changes; change += 1) {
    await delay(restMs)
    if (change === warmUpChanges + 1) {
      before.cpuMs = await cpuMs(server.pid)
      before.bytes = subscribers.received.bytes
    }
    const told = { service: change % services, change }
    const toldAtMs = performance.now()
    server.tell(told)
    tookMs.push((await subscribers.everyoneHas([told])) - toldAtMs)
  }
  // What comes with the last change, such as its acknowledgements, belongs to it.
  await delay(restMs)
  return {
    tookMs: tookMs.slice(warmUpChanges).toSorted((a, b) => a - b),
    cpuMsPerChange: ((await cpuMs(server.pid)) - before.cpuMs) / changes,
    bytes: (subscribers.received.bytes - before.bytes) / changes / subscriberCount,
  }
}

/** Changes all services in turn, faster than anyone is told. */
async function stormOfChanges(server: FedServer, subscribers: Subscribers, protocol: Protocol): Promise<Figure[]> {
  const responsesBefore = subscribers.received.responses
  const cpuBeforeMs = await cpuMs(server.pid)
  const last = new Map<number, Change>()
  const startedAtMs = performance.now()
  for (let at = 0; at < storm.changes; at += 1) {
    await delay(Math.max(0, startedAtMs + at * storm.gapMs - performance.now()))
    const told = { service: at % many.services, change: warmUpChanges + many.changes + at + 1 }
    server.tell(told)
    last.set(told.service, told)
  }
  const toldAtMs = performance.now()
  const tookMs = (await subscribers.everyoneHas([...last.values()])) - toldAtMs
  const stormMs = performance.now() - startedAtMs
  const busy = ((await cpuMs(server.pid)) - cpuBeforeMs) / stormMs
  const responses = (subscribers.received.responses - responsesBefore) / subscriberCount
  const name = (what: string): string => `1000 changes in 10 s, ${protocol}: ${what}`
  return [
    { name: name('the last everywhere'), value: tookMs, unit: 'ms', aim: 1000 },
    { name: name('responses to each'), value: responses, unit: '', aim: null },
    { name: name('server CPU'), value: busy, unit: 'cores', aim: null },
    { name: name('memory at most'), value: await peakMb(server.pid), unit: 'MB', aim: null },
  ]
}

/** The bytes of one service in a response, after a change. */
function sizeOfService({ services, endpoints }: typeof many): number {
  const service = services - 1
  const addresses = Array.from({ length: endpoints - 1 }, (_, index) => `10.${service}.0.${index + 1}`)
  const all = [markerOf({ service, change: endpoints }), ...addresses]
  const resource = endpointsResource(
    serviceName(service),
    all.map((address) => ({ address, port: 50_051, state: 'ready' as const })),
  )
  return resource.stateOfTheWorldField.byteLength
}
