import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { startReplica } from '../../deploy/local/replica.ts'
import { PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { connect } from '../support/service.ts'
import { pinProcess } from './pinning.ts'
import { cpuMs } from './process-cost.ts'
import { median, type Row } from './row.ts'

/** Calls of one measurement, how many are in flight, and how often both servers take turns. */
const calls = 5000
const concurrency = 64
const rounds = 20
const warmUpRounds = 4

/** Helpers of the collector take turns with the server on its core, now more, now less: without them figures repeat. */
const oneThreadForGarbage = ['--single-threaded-gc']

const serverCore = 1
const callerCore = 0

/** A server in a process of its own. */
interface Measured extends AsyncDisposable {
  pid: number
  address: string
}

/**
 * CPU time of the server for a tiny call that is answered inline, against a bare grpc-js server with the same messages. Each
 * server has a core to itself, the caller the other one; both are measured in turn, and the median counts. About 30 s.
 */
export async function callsBench(): Promise<Row[]> {
  await pinProcess(process.pid, callerCore)
  await using service = await startService('--metrics-port=off')
  await using observed = await startService('--metrics-port=0')
  await using echo = await startEcho()
  const cost: Record<'service' | 'observed' | 'echo', number[]> = { service: [], observed: [], echo: [] }
  // The first rounds only warm up.
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const both = {
      service: await microsPerCall(service),
      observed: await microsPerCall(observed),
      echo: await microsPerCall(echo),
    }
    if (round < 0) continue
    for (const name of ['service', 'observed', 'echo'] as const) cost[name].push(both[name])
  }
  const ratio = (name: 'service' | 'observed'): number =>
    median(cost[name].map((us, round) => us / (cost.echo[round] as number)))
  const peer = 'a bare grpc-js echo'
  return [
    { name: 'cost of a tiny call (server CPU)', value: ratio('service'), unit: 'ratio', aim: 1.5, peer },
    { name: 'the same with metrics', value: ratio('observed'), unit: 'ratio', aim: null, peer },
    { name: 'server CPU of a tiny call', value: median(cost.service), unit: 'µs', aim: null, peer: null },
    { name: 'server CPU of a bare echo', value: median(cost.echo), unit: 'µs', aim: null, peer: null },
  ]
}

async function startService(...settings: string[]): Promise<Measured> {
  const replica = await startReplica({
    name: 'bench',
    command: [process.execPath, ...oneThreadForGarbage, resolve(import.meta.dirname, '../../service/main.ts')],
    settings: ['--workers=1', '--drain-delay-ms=0', ...settings],
    environment: process.env,
    onLine: () => {},
  })
  await pinProcess(replica.pid, serverCore)
  return {
    pid: replica.pid,
    address: `${replica.endpoint.address}:${replica.endpoint.port}`,
    [Symbol.asyncDispose]: async () => {
      replica.kill('SIGTERM')
      await replica.exited
    },
  }
}

async function startEcho(): Promise<Measured> {
  const child: ChildProcess = fork(resolve(import.meta.dirname, 'bare-echo.ts'), {
    silent: true,
    execArgv: oneThreadForGarbage,
  })
  const [port] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  const pid = child.pid as number
  await pinProcess(pid, serverCore)
  return {
    pid,
    address: `127.0.0.1:${String(port).trim()}`,
    [Symbol.asyncDispose]: async () => {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** Makes `calls` calls, `concurrency` at a time, over one connection. */
async function microsPerCall({ pid, address }: Measured): Promise<number> {
  using client = connect(PrimesServiceClient, address)
  const beforeMs = await cpuMs(pid)
  let left = calls
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await new Promise<void>((done, failed) =>
        client.checkPrime({ number: '97' }, (error) => (error ? failed(error) : done())),
      )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return ((await cpuMs(pid)) - beforeMs) * (1000 / calls)
}
