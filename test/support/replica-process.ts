import { resolve } from 'node:path'
import { type Replica, startReplica } from '../../deploy/local/replica.ts'

/** A replica as a process of its own, and every line that it has written; disposing kills it. */
export type ReplicaProcess = Replica & AsyncDisposable & { lines: string[]; address: string }

/** Starts `entry` (a path from the root of the repository) as a replica with one worker that drains at once. */
export async function startReplicaProcess(entry: string, ...settings: string[]): Promise<ReplicaProcess> {
  const lines: string[] = []
  const replica = await startReplica({
    name: 'test-pod',
    command: [process.execPath, resolve(import.meta.dirname, '../..', entry)],
    settings: ['--metrics-port=off', '--workers=1', '--drain-delay-ms=0', '--drain-timeout-ms=8000', ...settings],
    environment: process.env,
    onLine: (line) => lines.push(line),
  })
  return Object.assign(replica, {
    lines,
    address: `${replica.endpoint.address}:${replica.endpoint.port}`,
    [Symbol.asyncDispose]: async () => {
      replica.kill('SIGKILL')
      await replica.exited
    },
  })
}
