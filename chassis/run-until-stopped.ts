import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'
import { ConfigError } from './options.ts'
import type { Stop } from './stop.ts'

/** What a process gives: its environment, its signals and its output. */
export type ProcessSurface = Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr' | 'once' | 'on' | 'off' | 'send'>

/** What a process tells a parent that has a channel to it, once it serves. */
export interface ServingMessage {
  serving: { address: string; port: number }
}

/** A server that is open. */
export interface Running {
  address: string
  port: number
  /** Leaves, and says how many calls had to be cut. `hurry` ends what still runs at once. */
  drain(hurry: AbortSignal): Promise<{ cutCalls: number }>
}

/**
 * Runs a server as a whole process and resolves to its exit code: starts, drains on SIGTERM or SIGINT. 0 when everything was
 * finished, 143 or 130 when the drain had to cut calls, 2 for a wrong configuration, 1 when the start failed. A second SIGTERM
 * changes nothing, for the drain is on its way; a second SIGINT ends it at once.
 */
export async function runUntilStopped(
  process: ProcessSurface,
  stop: Stop,
  start: (asked: AbortSignal) => Promise<Running>,
): Promise<number> {
  // grpc-js writes plain text of its own to stderr, at a caller's will: a line with every header that gRPC forbids.
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE)
  try {
    const running = await start(stop.asked)
    const message: ServingMessage = { serving: { address: running.address, port: running.port } }
    // Not by the log, whose level is the user's. A parent that has just gone is noticed elsewhere.
    process.send?.(message, undefined, undefined, () => {})
    await asked(stop)
    const { cutCalls } = await running.drain(stop.hurry)
    return cutCalls === 0 ? 0 : stop.exitCode()
  } catch (thrown) {
    if (thrown === stop.asked.reason) return 0
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    return thrown instanceof ConfigError ? 2 : 1
  } finally {
    stop[Symbol.dispose]()
  }
}

async function asked(stop: Stop): Promise<void> {
  await new Promise<void>((resolve) => {
    if (stop.asked.aborted) resolve()
    else stop.asked.addEventListener('abort', () => resolve(), { once: true })
  })
}
