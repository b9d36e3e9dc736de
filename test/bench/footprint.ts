import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bundle } from '../../deploy/bundle.ts'
import { startReplica } from '../../deploy/local/replica.ts'
import { roles } from '../../deploy/roles.ts'
import { residentMb } from './process-cost.ts'
import { median, type Row } from './row.ts'

/** How often a replica is started each way. */
const rounds = 5
/** How long it rests before its memory is read, in ms. */
const restMs = 2000

/**
 * Resident memory of a replica of primes at rest, with one worker and metrics, and the time from its start to SERVING: as the
 * bundle that the image holds, and as TypeScript that a clone runs.
 */
export async function footprintBench(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-bundle-'))
  try {
    await bundle(roles.primes, join(folder, 'out'))
    const bundled = await measure(join(folder, 'out/main.mjs'))
    const source = await measure(resolve(import.meta.dirname, '../../service/main.ts'))
    return [
      { name: 'start to SERVING, as in the image', value: bundled.startSeconds, unit: 's', aim: 0.3, peer: null },
      { name: 'memory at rest, as in the image', value: bundled.memoryMb, unit: 'MB', aim: 95, peer: null },
      { name: 'start to SERVING, as TypeScript', value: source.startSeconds, unit: 's', aim: null, peer: null },
      { name: 'memory at rest, as TypeScript', value: source.memoryMb, unit: 'MB', aim: null, peer: null },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measure(main: string): Promise<{ startSeconds: number; memoryMb: number }> {
  const startSeconds: number[] = []
  const memoryMb: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now()
    const replica = await startReplica({
      name: 'bench',
      command: [process.execPath, main],
      settings: ['--workers=1', '--metrics-port=0', '--drain-delay-ms=0'],
      environment: process.env,
      onLine: () => {},
    })
    startSeconds.push((performance.now() - startedMs) / 1000)
    await delay(restMs)
    memoryMb.push(await residentMb(replica.pid))
    replica.kill('SIGTERM')
    await replica.exited
  }
  return { startSeconds: median(startSeconds), memoryMb: median(memoryMb) }
}
