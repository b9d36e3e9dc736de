import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { Lifecycle } from './lifecycle.ts'

/**
 * grpc.health.v1 (Check, Watch, List) that says what the lifecycle says: SERVING only while the replica serves, for the whole
 * server (empty name) and for each of `services`. One instance answers on every port it is added to.
 */
export function createHealth(lifecycle: Lifecycle, services: readonly string[]): { addToServer(server: Server): void } {
  const health = new HealthImplementation()
  lifecycle.follow((state) => {
    const serving = state === 'serving' ? 'SERVING' : 'NOT_SERVING'
    for (const service of ['', ...services]) health.setStatus(service, serving)
  })
  return health
}
