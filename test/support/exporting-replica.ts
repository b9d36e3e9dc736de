import { type Replica, startReplica } from '../../deploy/local/replica.ts'
import { eventually } from './eventually.ts'
import { holdCommand } from './hold.ts'

/** A replica of the hold workload in a process of its own, with a metrics port; disposing kills it. */
export interface ExportingReplica extends Replica, AsyncDisposable {
  address: string
  /** Its log lines so far; what is not JSON fails the test that reads them. */
  log(): Record<string, unknown>[]
  /** The text that Prometheus would read now. */
  metrics(): Promise<string>
  /** Asks it to leave; resolves to its exit code, null when it did not leave by itself and was killed. */
  stop(): Promise<number | null>
}

/** Far longer than a drain with nothing to wait for takes, on any machine. */
const leaveTimeoutMs = 30_000

/** Starts it with one worker and OpenTelemetry's variables from `variables`. */
export async function startExportingReplica(
  variables: Record<string, string>,
  ...settings: string[]
): Promise<ExportingReplica> {
  const lines: string[] = []
  const replica = await startReplica({
    name: 'test-pod',
    command: holdCommand,
    settings: ['--metrics-port=0', '--workers=1', '--drain-delay-ms=0', '--drain-timeout-ms=8000', ...settings],
    environment: { ...process.env, ...variables },
    onLine: (line) => lines.push(line),
  })
  const log = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))
  return Object.assign(replica, {
    address: `${replica.endpoint.address}:${replica.endpoint.port}`,
    log,
    metrics: async () => {
      // The line may come after the message that the replica serves.
      const address = await eventually(() => metricsAddressIn(log()))
      return (await fetch(`http://${address}/metrics`)).text()
    },
    stop: async () => {
      replica.kill('SIGTERM')
      const patience = setTimeout(() => replica.kill('SIGKILL'), leaveTimeoutMs)
      const { code } = await replica.exited
      clearTimeout(patience)
      return code
    },
    [Symbol.asyncDispose]: async () => {
      replica.kill('SIGKILL')
      await replica.exited
    },
  })
}

function metricsAddressIn(log: Record<string, unknown>[]): string {
  const addresses = log.find(({ msg }) => msg === 'serving')?.['addresses']
  if (typeof addresses !== 'object' || addresses === null || !('metrics' in addresses))
    throw new Error('no metrics port')
  return String(addresses.metrics)
}
