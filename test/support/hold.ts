import { resolve } from 'node:path'
import type { Client } from '@grpc/grpc-js'
import { HoldServiceClient, HoldServiceService, type HoldResponse } from '../../gen/evenkeel/hold/v1/hold.ts'
import { callUnary, type CallOptions, type Outcome } from './call.ts'
import { type ReplicaProcess, startReplicaProcess } from './replica-process.ts'
import { connect } from './service.ts'

/** The command that serves the hold workload from this checkout. */
export const holdCommand: readonly string[] = [
  process.execPath,
  resolve(import.meta.dirname, '../../examples/hold/main.ts'),
]

/** A replica of the hold workload as a process of its own; disposing kills it. */
export function startHoldProcess(...settings: string[]): Promise<ReplicaProcess> {
  return startReplicaProcess('examples/hold/main.ts', ...settings)
}

/** A client of the hold workload with a connection of its own. */
export function holdClient(address: string): Client & Disposable {
  return connect(HoldServiceClient, address)
}

/** Holds a worker for `milliseconds`, without computing. */
export function holdFor(client: Client, milliseconds: number, options?: CallOptions): Promise<Outcome<HoldResponse>> {
  const request = { milliseconds, compute: false }
  return callUnary(client, HoldServiceService.hold, options ? { request, options } : { request })
}
