import { asksForHelp, helpText } from '../chassis/help.ts'
import { type ProcessSurface, runUntilStopped } from '../chassis/run-until-stopped.ts'
import { listenForStop, type Stop } from '../chassis/stop.ts'
import { controlPlaneOptions, readControlPlaneConfig } from './config.ts'
import { serveControlPlane } from './serve.ts'

/** What the control plane is run with. */
export interface RunControlPlaneOptions {
  /** The command line without program and script. */
  argv: readonly string[]
  process: ProcessSurface
  stop?: Stop
}

const about = `Tells Envoy, and callers without it, where the replicas are, until SIGTERM.`

/** Runs an instance as a whole process and resolves to its exit code, as `runUntilStopped` says; `--help` lists its settings. */
export async function runControlPlane({ argv, process, stop = listenForStop(process) }: RunControlPlaneOptions) {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(about, controlPlaneOptions))
    return 0
  }
  return runUntilStopped(process, stop, async () => {
    const config = readControlPlaneConfig({ argv, env: process.env })
    const controlPlane = await serveControlPlane({ config, source: config.source, env: process.env })
    return {
      address: config.host,
      port: controlPlane.ports.ads,
      drain: async (hurry) => {
        await controlPlane.drain(hurry)
        // Streams that are cut cost nothing: a subscriber keeps what it has and connects again.
        return { cutCalls: 0 }
      },
    }
  })
}
