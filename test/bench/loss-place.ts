import { findEnvoy } from '../../deploy/local/envoy-binary.ts'
import { createFront, type Front } from '../../deploy/local/front.ts'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { openControlPlane } from '../support/local-control-plane.ts'
import { type CallerKind, type CallerReport, startCallers } from './loss-callers.ts'

/** How many calls there are, and how long each holds a worker. */
export interface Traffic {
  /** Calls a second of each of the six callers. */
  rate: number
  jobMs: number
}

/** Envoy and a control plane, of which replicas come and go. */
export interface LossPlace extends AsyncDisposable {
  /** Says where the replicas are. */
  publish(endpoints: readonly Endpoint[]): Promise<void>
  /** Starts Envoy; resolves when it has found so many replicas well. */
  open(replicas: number): Promise<void>
  /** Has callers of every kind call while `work` runs, in a process for each way, and tells what they have seen. */
  callDuring(traffic: Traffic, work: () => Promise<void>): Promise<CallerReport[]>
}

/** Opens a place without replicas. Its Envoy and one of its control planes take the workload for idempotent. */
export async function openLossPlace(): Promise<LossPlace> {
  await using stack = new AsyncDisposableStack()
  const binary = await findEnvoy({ environment: process.env })
  if ('missing' in binary) throw new Error(binary.missing)
  const controlPlane = stack.use(await openControlPlane())
  // By xds the route says whether a client may repeat: this one leaves it to what grpc-js does by itself.
  const plain = stack.use(await openControlPlane({ idempotent: false }))
  const ports = { port: 0, readyPort: 0, adminPort: 0 }
  const front = stack.use(await createFront({ binary, ...ports, controlPlane, idempotent: true, onLine: () => {} }))
  const owned = stack.move()
  let replicas = 0
  return {
    publish: async (endpoints) => void (await Promise.all([controlPlane, plain].map((one) => one.publish(endpoints)))),
    open: (count) => front.open((replicas = count)),
    callDuring: async (traffic, work) => {
      await using calling = new AsyncDisposableStack()
      const ways = [envoyCallers(front), xdsCallers(addressOf(controlPlane), addressOf(plain))]
      const all = await Promise.all(
        ways.map(async (callers) => calling.use(await startCallers({ callers, replicas, ...traffic }))),
      )
      await work()
      const reports = (await Promise.all(all.map((callers) => callers.finish()))).flat()
      const notSent = reports.reduce((sum, report) => sum + report.notSent, 0)
      if (notSent > 0) throw new Error(`${notSent} calls were not sent; more than 20000 of a caller were in flight`)
      return reports
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const addressOf = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`

function envoyCallers({ address: target }: Front): CallerKind[] {
  return (['off', 'transparent', 'policy'] as const).map((retries) => ({ way: 'Envoy', target, retries }))
}

function xdsCallers(withPolicy: string, without: string): CallerKind[] {
  return (['off', 'transparent', 'policy'] as const).map((retries) => {
    const xdsServer = retries === 'transparent' ? without : withPolicy
    return { way: 'xds', target: 'xds:///evenkeel', retries, xdsServer }
  })
}
