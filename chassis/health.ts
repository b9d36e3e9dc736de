import { type Server, type ServerWritableStream, status } from '@grpc/grpc-js'
import {
  HealthCheckResponse_ServingStatus as Serving,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
  HealthService,
} from '../gen/health/v1/health.ts'
import type { Lifecycle } from './lifecycle.ts'
import { wireText } from './status.ts'

/**
 * grpc.health.v1 (Check, Watch, List) that says what the lifecycle says: SERVING only while the replica serves, for the whole
 * server (empty name) and for each of `services`. One instance answers on every port it is added to. Written here because
 * grpc-health-check keeps every name that was ever watched, and takes 12 MB and 37 ms to load.
 */
export function createHealth(lifecycle: Lifecycle, services: readonly string[]): { addToServer(server: Server): void } {
  const names = ['', ...services]
  const watches = new Set<ServerWritableStream<HealthCheckRequest, HealthCheckResponse>>()
  let now: HealthCheckResponse = { status: Serving.NOT_SERVING }
  lifecycle.follow((state) => {
    const next = state === 'serving' ? Serving.SERVING : Serving.NOT_SERVING
    if (next === now.status) return
    now = { status: next }
    for (const watch of watches) watch.write(now)
  })
  const implementation: HealthServer = {
    check: ({ request: { service } }, respond) => {
      if (names.includes(service)) respond(null, now)
      else respond({ code: status.NOT_FOUND, details: wireText(`service: ${JSON.stringify(service)} is unknown`) })
    },
    watch: (call) => {
      const known = names.includes(call.request.service)
      call.write(known ? now : { status: Serving.SERVICE_UNKNOWN })
      // A service that is unknown stays so; the protocol wants its watch to stay open all the same.
      if (!known) return
      watches.add(call)
      call.on('cancelled', () => watches.delete(call))
    },
    list: (_call, respond) => respond(null, { statuses: Object.fromEntries(names.map((name) => [name, now])) }),
  }
  return { addToServer: (server) => server.addService(HealthService, implementation) }
}
