import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

/** What a caller has seen since it began. */
export interface CallerReport {
  /** Calls that ended, by the replica that answered. */
  callsByPod: Record<string, number>
  /** Status and details of each call that was not answered. */
  failures: string[]
}

/** A caller in a process of its own; disposing ends it. */
export interface XdsCaller extends AsyncDisposable {
  report(): Promise<CallerReport>
}

/** Where the control plane is, who calls, and how many calls it has open at once. */
export interface XdsCallerOptions {
  controlPlane: string
  zone?: string
  concurrency?: number
}

/** Starts a grpc-js client that calls the hold workload of `xds:///SERVICE` without a proxy and without retries. */
export function startXdsCaller(
  service: string,
  { controlPlane, zone = '', concurrency = 4 }: XdsCallerOptions,
): XdsCaller {
  const bootstrap = {
    xds_servers: [{ server_uri: controlPlane, channel_creds: [{ type: 'insecure' }], server_features: ['xds_v3'] }],
    node: { id: 'caller-1', locality: { zone } },
  }
  const child = fork(resolve(import.meta.dirname, 'xds-caller-child.ts'), [`xds:///${service}`, String(concurrency)], {
    env: { ...process.env, GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap) },
    // Not the loader of the tests, which would look for leaks in it.
    execArgv: [],
  })
  const exited = once(child, 'exit')
  return {
    report: async () => {
      child.send('report')
      const [report] = (await once(child, 'message')) as [CallerReport]
      return report
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
