import { execFile } from 'node:child_process'
import { generatePrimeSync } from 'node:crypto'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { startReplica } from '../../deploy/local/replica.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { connect } from '../support/service.ts'
import { pinProcess, pinWorkers } from './pinning.ts'
import { median, type Row } from './row.ts'

const run = promisify(execFile)

/** Sizes of primes whose check takes about 1, 5 and 50 ms, and the share of the bare loop that is aimed at. */
const jobs = [
  { name: '1 ms', bits: 300, aim: 0.9 },
  { name: '5 ms', bits: 680, aim: 0.97 },
  { name: '50 ms', bits: 1600, aim: 0.98 },
]

/** Seconds of one measurement, and how often service and bare loop take turns. */
const seconds = 4
const rounds = 3
/** Calls in flight: enough that the worker never waits for the caller. */
const concurrency = 16

const cores = { workerCore: 1, otherCore: 0 }

/**
 * Checks per second of a whole replica against the bare loop: one worker alone on a core, everything else, the caller
 * included, on the other one. Both are measured in turn; the row is the median ratio.
 */
export async function throughputBench(): Promise<Row[]> {
  const rows: Row[] = []
  await pinProcess(process.pid, cores.otherCore)
  for (const { name, bits, aim } of jobs) {
    const number = String(generatePrimeSync(bits, { bigint: true }))
    const ratios: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const bare = await bareLoopPerSecond(number)
      ratios.push((await servicePerSecond(number)) / bare)
    }
    rows.push({
      name: `throughput at jobs of ${name}`,
      value: median(ratios),
      unit: 'ratio',
      aim,
      peer: 'the bare loop',
    })
  }
  return rows
}

async function bareLoopPerSecond(number: string): Promise<number> {
  const script = resolve(import.meta.dirname, 'bare-loop.ts')
  const pinned = ['--cpu-list', String(cores.workerCore), process.execPath, script, number, String(seconds)]
  return Number((await run('taskset', pinned)).stdout)
}

async function servicePerSecond(number: string): Promise<number> {
  const replica = await startReplica({
    name: 'bench',
    command: [process.execPath, resolve(import.meta.dirname, '../../service/main.ts')],
    settings: ['--workers=1', '--metrics-port=off', '--drain-delay-ms=0'],
    environment: process.env,
    onLine: () => {},
  })
  try {
    await pinWorkers(replica.pid, cores)
    using client = connect(PrimesServiceClient, `${replica.endpoint.address}:${replica.endpoint.port}`)
    await callsUntil(client, number, performance.now() + 500)
    const startMs = performance.now()
    const calls = await callsUntil(client, number, startMs + seconds * 1000)
    return (calls * 1000) / (performance.now() - startMs)
  } finally {
    replica.kill('SIGTERM')
    await replica.exited
  }
}

/** Keeps `concurrency` calls in flight until `endMs`; resolves to the number that were answered when the last one is. */
async function callsUntil(client: PrimesServiceClient, number: string, endMs: number): Promise<number> {
  let answered = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await new Promise<void>((done, failed) =>
        client.checkPrime({ number }, (error) => (error ? failed(error) : done())),
      )
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return answered
}
