import { randomUUID } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Endpoint } from '../../envoy/endpoints.ts'
import type { BalancingPolicy } from '../../envoy/config.ts'
import { type Replica, startReplica } from './replica.ts'

/** What one process of a control plane is started with. */
export interface ControlPlaneSettings {
  /** Port of ADS on 127.0.0.1; 0 for any free one. */
  port: number
  /** How callers without Envoy pick a replica. */
  balancing: BalancingPolicy
  /** Callers without Envoy may repeat calls that a crashed replica held. */
  idempotent: boolean
  environment: NodeJS.ProcessEnv
  onLine: (line: string) => void
}

/** The service that a fleet is, to Envoy and as `xds:///evenkeel`. */
const service = 'evenkeel'

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const main = fileURLToPath(new URL(`../../control-plane/main${extension}`, import.meta.url))

/** One process of a control plane, which reads the file of services at `path`. */
export function startControlPlaneProcess(options: ControlPlaneSettings & { path: string }): Promise<Replica> {
  const { path, port, balancing, idempotent, environment, onLine } = options
  const settings = [
    `--source=file:${path}`,
    `--port=${port}`,
    '--metrics-port=0',
    `--balancing=${balancing}`,
    `--idempotent=${idempotent}`,
    '--drain-timeout-ms=1000',
  ]
  return startReplica({ name: 'control-plane', command: [process.execPath, main], settings, environment, onLine })
}

/** Writes that file, by rename: the control plane never sees half of it. */
export async function writeServices(path: string, endpoints: readonly Endpoint[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  // JSON is YAML as well.
  await writeFile(temporary, JSON.stringify({ services: { [service]: endpoints } }))
  await rename(temporary, path)
}
