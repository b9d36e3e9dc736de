import { logVerbosity, type ServiceDefinition, setLogVerbosity } from '@grpc/grpc-js'
import { readConfig, serviceOptions } from './config.ts'
import { ConfigError, flagOf, variableOf } from './options.ts'
import { type Service, serve } from './serve.ts'
import { listenForStop, type Stop } from './stop.ts'
import type { Workload } from './workload.ts'

/** What a process gives: its arguments, its environment, its signals and its output. */
export type ProcessSurface = Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr' | 'once' | 'on' | 'off' | 'send'>

/** What a process tells a parent that has a channel to it, once it serves. */
export interface ServingMessage {
  serving: { address: string; port: number }
}

/** What a workload is run with. */
export interface RunOptions {
  /** The command line without program and script: settings of the replica. */
  argv: readonly string[]
  process: ProcessSurface
  /** A stop that listens already, so that no signal during the start is lost; by default it listens from here on. */
  stop?: Stop
}

/**
 * Serves a workload as a whole process and resolves to its exit code: reads configuration, starts, drains on SIGTERM or
 * SIGINT. 0 when everything was finished, 143 or 130 when the drain had to cut calls, 2 for a wrong configuration, 1 when the
 * start failed. A second SIGTERM changes nothing, for the drain is on its way; a second SIGINT ends it at once.
 */
export async function runService<Definition extends ServiceDefinition>(
  workload: Workload<Definition>,
  { argv, process, stop = listenForStop(process) }: RunOptions,
): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(helpText(workload.name))
    return 0
  }
  // grpc-js writes plain text of its own to stderr, at a caller's will: a line with every header that gRPC forbids.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)
  try {
    const config = readConfig({ argv, env: process.env })
    const service = await serve({ workload, config, env: process.env, signal: stop.asked })
    const message: ServingMessage = { serving: { address: config.host, port: service.ports.grpc } }
    // Not by the log, whose level is the user's. A parent that has just gone is noticed elsewhere.
    process.send?.(message, undefined, undefined, () => {})
    return await serveUntil(service, stop)
  } catch (thrown) {
    if (thrown === stop.asked.reason) return 0
    process.stderr.write(`${messageOf(thrown)}\n`)
    return thrown instanceof ConfigError ? 2 : 1
  } finally {
    stop[Symbol.dispose]()
  }
}

async function serveUntil(service: Service, stop: Stop): Promise<number> {
  await new Promise<void>((resolve) => {
    if (stop.asked.aborted) resolve()
    else stop.asked.addEventListener('abort', () => resolve(), { once: true })
  })
  const { cutCalls } = await service.drain(stop.hurry)
  return cutCalls === 0 ? 0 : stop.exitCode()
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

function helpText(workload: string): string {
  const rows = Object.entries(serviceOptions).map(([name, option]) => [
    flagOf(name),
    `${option.about} [${option.default}; ${variableOf(name)}]`,
  ])
  const width = Math.max(...rows.map(([flag]) => (flag as string).length))
  const lines = rows.map(([flag, about]) => `  ${(flag as string).padEnd(width)}  ${about}`)
  return `Serves ${workload} by gRPC until SIGTERM, then drains.\n\nOptions:\n${lines.join('\n')}\n`
}
