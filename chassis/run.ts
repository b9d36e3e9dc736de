import type { ServiceDefinition } from '@grpc/grpc-js'
import { readConfig, serviceOptions } from './config.ts'
import { asksForHelp, helpText } from './help.ts'
import { type ProcessSurface, runUntilStopped } from './run-until-stopped.ts'
import { serve } from './serve.ts'
import { listenForStop, type Stop } from './stop.ts'
import type { Workload } from './workload.ts'

/** What a workload is run with. */
export interface RunOptions {
  /** The command line without program and script: settings of the replica. */
  argv: readonly string[]
  process: ProcessSurface
  /** A stop that listens already, so that no signal during the start is lost; by default it listens from here on. */
  stop?: Stop
}

/** Serves a workload as a whole process and resolves to its exit code, as `runUntilStopped` says; `--help` lists its settings. */
export async function runService<Definition extends ServiceDefinition>(
  workload: Workload<Definition>,
  { argv, process, stop = listenForStop(process) }: RunOptions,
): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(`Serves ${workload.name} by gRPC until SIGTERM, then drains.`, serviceOptions))
    return 0
  }
  return runUntilStopped(process, stop, async (asked) => {
    const config = readConfig({ argv, env: process.env })
    const service = await serve({ workload, config, env: process.env, signal: asked })
    return { address: config.host, port: service.ports.grpc, drain: (hurry) => service.drain(hurry) }
  })
}
