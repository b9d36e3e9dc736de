import { setTimeout as delay } from 'node:timers/promises'
import { credentials, Metadata } from '@grpc/grpc-js'
import { freePort } from '../../deploy/local/ports.ts'
import { startReplica } from '../../deploy/local/replica.ts'
import { workloadNamed } from '../../deploy/local/workloads.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { createRandomNumbers } from '../../service/primes/number-theory/random-numbers.ts'
import { randomPrime20 } from './factorize.ts'
import { cpuMs } from './process-cost.ts'
import type { Row } from './row.ts'
import { stopsOf, type Stops } from './waste-stops.ts'

/** How long each part lasts, and how often progress is told. */
export interface WasteOptions {
  seconds?: number
  onProgress?: (done: number, total: number) => void
}

/** What is sent of a kind, how often a second, and how it is given up. */
interface GivenUp {
  name: string
  rate: number
  /** Sends call number `index`. */
  send: (client: PrimesServiceClient, index: number) => void
  aims: { share: number | null; p99Ms: number | null }
}

/** A prime of 3217 bits: OpenSSL takes half a second for it, and looks up after each of its rounds only. */
const largePrime = String(2n ** 3217n - 1n)
const ignore = (): void => {}
const none = new Metadata()

/**
 * Work that nobody waits for: how much of a replica's CPU goes into it, and how long a worker goes on once the replica knows that the
 * caller went away or the deadline passed. One worker, about twice as many factorizations as it can do.
 */
export async function wasteBench({ seconds = 15, onProgress }: WasteOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  const kinds = givenUp()
  for (const [index, kind] of kinds.entries()) {
    rows.push(...rowsOf(kind, await measure(kind, seconds)))
    onProgress?.(index + 1, kinds.length)
  }
  return rows
}

function givenUp(): GivenUp[] {
  const random = createRandomNumbers(1)
  const products = Array.from({ length: 40 }, () => String(randomPrime20(random) * randomPrime20(random)))
  const number = (index: number): string => products[index % products.length] as string
  const ownLoops = { share: 1, p99Ms: 10 }
  return [
    {
      name: 'factorizations, every second one cancelled',
      rate: 40,
      aims: ownLoops,
      send: (client, index) => {
        const call = client.factorize({ number: number(index) }, ignore)
        if (index % 2 === 0) setTimeout(() => call.cancel(), Number(random.below(60n)))
      },
    },
    {
      name: 'factorizations with deadlines of 30 ms',
      rate: 40,
      aims: ownLoops,
      send: (client, index) => {
        client.factorize({ number: number(index) }, none, { deadline: Date.now() + 30 }, ignore)
      },
    },
    {
      name: 'checks by OpenSSL, all cancelled',
      rate: 2,
      aims: { share: null, p99Ms: null },
      send: (client) => {
        const call = client.checkPrime({ number: largePrime }, ignore)
        setTimeout(() => call.cancel(), 50)
      },
    },
  ]
}

/** What a replica did meanwhile. */
interface Spent {
  stops: Stops
  cpuMs: number
}

async function measure({ rate, send }: GivenUp, seconds: number): Promise<Spent> {
  const metricsPort = await freePort()
  const replica = await startReplica({
    name: 'waste',
    command: [process.execPath, workloadNamed('primes').main],
    settings: ['--workers=1', `--metrics-port=${metricsPort}`, '--drain-delay-ms=0', '--access-log=off'],
    environment: process.env,
    onLine: () => {},
  })
  const { address, port } = replica.endpoint
  const client = new PrimesServiceClient(`${address}:${port}`, credentials.createInsecure())
  try {
    const before = await cpuMs(replica.pid)
    for (let index = 0; index < rate * seconds; index += 1) {
      send(client, index)
      await delay(1000 / rate)
    }
    const spentMs = (await cpuMs(replica.pid)) - before
    const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    return { stops: stopsOf(page), cpuMs: spentMs }
  } finally {
    client.close()
    replica.kill('SIGTERM')
    await replica.exited
  }
}

function rowsOf({ name, aims }: GivenUp, { stops, cpuMs: spentMs }: Spent): Row[] {
  const stopped = `${stops.count} stopped while a worker had them`
  const stop: Row = {
    name: `${name}: from the end of a call to the stop, p99 at most`,
    value: stops.p99Ms,
    unit: 'ms',
    aim: aims.p99Ms,
    peer: stopped,
  }
  // A thread that has to be ended takes the record of its CPU time with it.
  if (aims.share === null) return [stop]
  const peer = `${(spentMs / 1000).toFixed(1)} s of CPU`
  const share = (100 * stops.wastedMs) / spentMs
  return [{ name: `${name}: CPU for calls that are over`, value: share, unit: '%', aim: aims.share, peer }, stop]
}
