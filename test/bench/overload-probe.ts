import { status } from '@grpc/grpc-js'
import { HealthCheckRequest, HealthService } from '../../gen/health/v1/health.ts'
import { frame } from '../support/raw-http2.ts'
import { openCallers } from './overload-callers.ts'
import { p99 } from './row.ts'

/** What is asked before does not count: connections are made, code is compiled. */
const warmUpMs = 1500

/** What health checks waited. */
export interface Probed {
  /** What 99 of 100 answers stay under, in ms. */
  p99Ms: number
  /** How late the asking process itself was in 1 of 100 turns, in ms. */
  ownDelayMs: number
}

/** Asks for the health of a server fifty times a second, from a process that does nothing else. */
export async function probeHealth(target: string, seconds: number): Promise<Probed> {
  await using callers = await openCallers(target)
  const { calls, ownDelayMs } = await callers.send({
    path: HealthService.check.path,
    body: frame(Buffer.from(HealthCheckRequest.encode({ service: '' }).finish())).toString('base64'),
    headers: {},
    rate: 50,
    seconds,
    seed: 1,
    deadlineMs: 5000,
  })
  const counted = calls.filter(({ intendedMs }) => intendedMs >= warmUpMs)
  const waited = counted.map(({ code, latencyMs }) => (code === status.OK ? latencyMs : Number.POSITIVE_INFINITY))
  return { p99Ms: p99(waited), ownDelayMs }
}
