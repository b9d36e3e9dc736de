import { Metadata, status } from '@grpc/grpc-js'
import { failedToConnect, isCallFailure } from '../../client/call-failure.ts'
import { HealthClient } from '../../gen/health/v1/health.ts'
import { commandErrorFrom } from '../primes/call-failure.ts'
import { unaryCall } from '../primes/unary-call.ts'
import { clientOf, type ServiceSite } from '../service-site.ts'

/** Services that have jobs of known length. */
export type KnownService = 'primes' | 'hold'

/**
 * Which of ours a target serves, asked of its health service by name; `primes` where it does not say. Rejects with a
 * `CommandError` when nothing is there.
 */
export async function detectService(site: ServiceSite, signal: AbortSignal): Promise<KnownService> {
  const client = new HealthClient(...clientOf(site))
  const deadline = Date.now() + 5000
  const request = { service: 'evenkeel.hold.v1.HoldService' }
  try {
    await unaryCall((done) => client.check(request, new Metadata(), { deadline }, done), signal)
    return 'hold'
  } catch (thrown) {
    const silent = !isCallFailure(thrown) || failedToConnect(thrown) || thrown.code === status.DEADLINE_EXCEEDED
    if (silent) throw commandErrorFrom(thrown, { ...site, deadlineMs: 5000 })
    return 'primes'
  } finally {
    client.close()
  }
}
