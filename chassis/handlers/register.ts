import type { MethodDefinition, Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { withRawMessages } from '../listen/hardened-server.ts'
import type { WorkerPool } from '../workers/pool.ts'
import type { Workload } from '../workload.ts'
import { bidiStream } from './bidi-stream.ts'
import { callContext } from './call-context.ts'
import { clientStream } from './client-stream.ts'
import type { Method } from './method.ts'
import { serverStream } from './server-stream.ts'
import { unary } from './unary.ts'

/** What the handlers of a workload are given. */
export interface HandlerSurroundings {
  pool: WorkerPool
  leaving: AbortSignal
}

/** Adds the workload's service to a server. */
export function registerWorkload<Definition extends ServiceDefinition>(
  server: Server,
  workload: Workload<Definition>,
  surroundings: HandlerSurroundings,
): void {
  const raw: Record<string, MethodDefinition<Buffer, Buffer>> = {}
  const implementation: UntypedServiceImplementation = {}
  for (const [name, definition] of Object.entries(workload.service) as [string, MethodDefinition<unknown, unknown>][]) {
    raw[name] = withRawMessages(definition)
    const method: Method<never> = {
      definition,
      handler: workload.handlers[name] as never,
      contextOf: (call) => callContext(call, surroundings.pool),
      refusalOf: (call) => surroundings.pool.refusal(call.criticality),
      leaving: surroundings.leaving,
    }
    implementation[name] = adapterOf(definition)(method)
  }
  server.addService(raw, implementation)
}

function adapterOf({ requestStream, responseStream }: MethodDefinition<unknown, unknown>) {
  if (requestStream) return responseStream ? bidiStream : clientStream
  return responseStream ? serverStream : unary
}
