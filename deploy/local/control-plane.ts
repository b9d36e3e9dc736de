import { join } from 'node:path'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { CrashBackoff } from './crash-backoff.ts'
import { type ControlPlaneSettings, startControlPlaneProcess, writeServices } from './control-plane-process.ts'
import type { Replica } from './replica.ts'
import { startAgain } from './start-again.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What the control plane of a fleet is started with. */
export interface ControlPlaneOptions extends ControlPlaneSettings {
  /** Told when it ended without being asked to; it is started again on the same port. */
  onCrash: (how: string) => void
}

/** A control plane as a process of its own, which pushes what it is told to Envoy and to callers. */
export interface LocalControlPlane extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Process id of the present process. */
  readonly pid: number
  /** Says where the replicas are. Calls must not overlap. */
  publish(endpoints: readonly Endpoint[]): Promise<void>
}

/** Starts a control plane that knows no replica yet; resolves when it takes subscribers. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<LocalControlPlane> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await temporaryFolder('endpoints'))
  const path = join(folder.path, 'endpoints.yaml')
  await writeServices(path, [])
  const backoff = new CrashBackoff()
  const ending = new AbortController()
  const start = (port: number): Promise<Replica> => startControlPlaneProcess({ ...options, path, port })
  let current = await start(options.port)
  const { address: host, port } = current.endpoint
  const watch = async (): Promise<void> => {
    const { code, signal } = await current.exited
    if (ending.signal.aborted) return
    options.onCrash(signal ?? `exit code ${code}`)
    const again = async (): Promise<void> => {
      current = await start(port)
      // Disposed while it started: nobody else knows of it.
      if (ending.signal.aborted) current.kill('SIGTERM')
    }
    if (await startAgain(again, { backoff, ending: ending.signal, onFailure: options.onCrash })) await watch()
  }
  const watching = watch()
  stack.defer(async () => {
    ending.abort()
    current.kill('SIGTERM')
    await current.exited
    await watching
  })
  const owned = stack.move()
  return {
    host,
    port,
    get pid() {
      return current.pid
    },
    publish: (endpoints) => writeServices(path, endpoints),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
