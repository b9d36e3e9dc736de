import { status } from '@grpc/grpc-js'
import { healthWork } from '../../cli/spread/health-work.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import { p99 } from './row.ts'

/** What is asked before does not count: connections are made, code is compiled. */
const warmUpMs = 1500

/** Asks for the health of a server fifty times a second; the latency in ms that 99 of 100 answers stay under. */
export async function healthP99Ms(target: string, seconds: number): Promise<number> {
  const latencies: number[] = []
  await runLoad({
    target,
    work: healthWork('{}'),
    rate: 50,
    seconds,
    retries: 'off',
    deadlineMs: 5000,
    onCallEnd: ({ code, intendedMs, latencyMs }) => {
      if (intendedMs >= warmUpMs) latencies.push(code === status.OK ? latencyMs : Number.POSITIVE_INFINITY)
    },
  })
  return p99(latencies)
}
