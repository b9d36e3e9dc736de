import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startReplica } from '../../deploy/local/replica.ts'
import { median, type Row } from './row.ts'

/** How often a replica is started. */
const rounds = 5
/** How long it rests before its memory is read, in ms. */
const restMs = 2000

/** Resident memory of a replica at rest with two workers and metrics, and the time from its start to SERVING. */
export async function footprintBench(): Promise<Row[]> {
  const startMs: number[] = []
  const memoryMb: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now()
    const replica = await startReplica({
      name: 'bench',
      command: [process.execPath, resolve(import.meta.dirname, '../../service/main.ts')],
      settings: ['--workers=2', '--metrics-port=0', '--drain-delay-ms=0'],
      environment: process.env,
      onLine: () => {},
    })
    startMs.push(performance.now() - startedMs)
    await delay(restMs)
    memoryMb.push(await residentMb(replica.pid))
    replica.kill('SIGTERM')
    await replica.exited
  }
  const peer = 'run as TypeScript; the image, as a bundle, needs less'
  return [
    { name: 'start to SERVING', value: median(startMs) / 1000, unit: 's', aim: 0.3, peer },
    { name: 'memory at rest', value: median(memoryMb), unit: 'MB', aim: 95, peer },
  ]
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`)
  return Number(kilobytes) / 1024
}
