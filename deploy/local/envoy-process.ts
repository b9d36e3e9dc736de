import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { commandError, type EnvoyBinary } from './envoy-binary.ts'
import { endWithOwner } from './end-with-owner.ts'
import { takenPorts } from './ports.ts'
import { temporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
/** How many of the last lines an error quotes. */
const quotedLines = 10

/** What to start. */
export interface StartEnvoyOptions {
  binary: EnvoyBinary
  /** The whole configuration, as `envoyConfig` makes it. */
  configText: string
  /** Envoy's threads (default 1: one carries about 3000 calls a second; the count of calls per replica is shared by all). */
  concurrency?: number
  /** Further flags of Envoy. */
  flags?: readonly string[]
  /** Gets every line that Envoy writes: the access log from `stdout`, its own log from `stderr`. */
  onLine?: (line: string, from: 'stdout' | 'stderr') => void
  /** Level of Envoy's own log; default `warning`. */
  logLevel?: 'debug' | 'info' | 'warning'
  /** How long to wait until Envoy is ready; default 20 000. */
  startTimeoutMs?: number
  /** How long Envoy may take to end after SIGTERM, before SIGKILL; default 5 000. */
  stopTimeoutMs?: number
}

/** How Envoy ended. */
export interface EnvoyExit {
  code: number | null
  signal: NodeJS.Signals | null
  lastLines: string[]
}

/** An Envoy that is ready. Disposing ends it (calls in flight are cut) and removes its configuration. */
export interface EnvoyProcess extends AsyncDisposable {
  readonly pid: number
  readonly adminPort: number
  /** Resolves when it ends, for whatever reason. */
  readonly exited: Promise<EnvoyExit>
}

interface ListenAddress {
  host: string
  port: number
}

/**
 * Starts Envoy and resolves when it is ready. Rejects when one of its ports is taken, when the configuration is refused or
 * when it is not ready in time, with the last lines it wrote; nothing is left behind then. Envoy has a process group of its
 * own, so Ctrl-C reaches its owner only, who disposes it when it likes; it never outlives its owner.
 */
export async function startEnvoy(options: StartEnvoyOptions): Promise<EnvoyProcess> {
  const addresses = listenAddresses(options.configText)
  for (const { address, reason } of await takenPorts(Object.values(addresses))) {
    throw new Error(
      `port ${address.port} on ${address.host} is ${reason}; end the process that listens there, or choose another port`,
    )
  }
  const folder = await temporaryFolder('envoy')
  await writeFile(join(folder.path, 'envoy.yaml'), options.configText)
  const child = spawnEnvoy(options, join(folder.path, 'envoy.yaml'))
  const exited = watch(child, options.onLine)
  const guarded = endWithOwner(child)
  const adminPort = addresses['admin']?.port ?? 0
  const stop = async () => {
    await endProcess(child, exited, options.stopTimeoutMs ?? 5000)
    await guarded
    await folder[Symbol.asyncDispose]()
  }
  try {
    await ready(adminPort, exited, options.startTimeoutMs ?? 20_000)
  } catch (error) {
    await stop()
    throw error
  }
  return { pid: child.pid ?? 0, adminPort, exited, [Symbol.asyncDispose]: stop }
}

/**
 * Has Envoy check a configuration, without ports being taken. Resolves with its warnings, such as deprecated fields; rejects
 * with Envoy's own words when it is not valid. A file of endpoints that it names must exist.
 */
export async function validateEnvoyConfig(binary: EnvoyBinary, configText: string): Promise<{ warnings: string[] }> {
  await using folder = await temporaryFolder('envoy')
  try {
    const path = join(folder.path, 'envoy.yaml')
    await writeFile(path, configText)
    const [file = '', ...prefix] = binary.command
    const args = ['--mode', 'validate', '--log-level', 'warning', '--config-path', path]
    const { stderr } = await run(file, [...prefix, ...args])
    return { warnings: stderr.split('\n').filter((line) => line !== '') }
  } catch (error) {
    throw new Error(`Envoy ${binary.version} refuses the configuration: ${commandError(error)}`, { cause: error })
  }
}

/** The addresses that a configuration listens on, by the listener's name and `admin`. */
function listenAddresses(configText: string): Record<string, ListenAddress> {
  const { admin, static_resources: resources }: ListeningConfig = parse(configText)
  const named = [...resources.listeners, { name: 'admin', ...admin }]
  return Object.fromEntries(
    named.map(({ name, address: { socket_address: socket } }) => [
      name,
      { host: socket.address, port: socket.port_value },
    ]),
  )
}

interface Listening {
  address: { socket_address: { address: string; port_value: number } }
}
interface ListeningConfig {
  admin: Listening
  static_resources: { listeners: (Listening & { name: string })[] }
}

function spawnEnvoy(options: StartEnvoyOptions, configPath: string): ChildProcess {
  const { binary, concurrency = 1, logLevel = 'warning', flags = [] } = options
  const [file = '', ...prefix] = binary.command
  const args = ['--config-path', configPath, '--concurrency', String(concurrency), '--log-level', logLevel]
  // Without hot restart several Envoys run on one machine. The access log is written every 200 ms instead of every 10 s.
  args.push('--disable-hot-restart', '--file-flush-interval-msec', '200', ...flags)
  return spawn(file, [...prefix, ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

async function watch(child: ChildProcess, onLine: StartEnvoyOptions['onLine']): Promise<EnvoyExit> {
  const lastLines: string[] = []
  for (const from of ['stdout', 'stderr'] as const) {
    const stream = child[from]
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      if (from === 'stderr') lastLines.push(line)
      if (lastLines.length > quotedLines) lastLines.shift()
      onLine?.(line, from)
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, lastLines: [error.message] }))
    child.once('close', (code, signal) => resolve({ code, signal, lastLines }))
  })
}

async function ready(adminPort: number, exited: Promise<EnvoyExit>, timeoutMs: number): Promise<void> {
  const polling = new AbortController()
  const early = exited.then(({ code, signal, lastLines }) => {
    throw new Error(`Envoy ended (${signal ?? `exit code ${code}`}) before it was ready:\n${lastLines.join('\n')}`)
  })
  try {
    await Promise.race([early, pollReady(adminPort, AbortSignal.any([polling.signal, AbortSignal.timeout(timeoutMs)]))])
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    throw new Error(`Envoy was not ready within ${timeoutMs} ms (admin port ${adminPort})`, { cause: error })
  } finally {
    polling.abort()
  }
}

async function pollReady(adminPort: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/ready`, { signal }).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok === true) return
    signal.throwIfAborted()
    await delay(20)
  }
}

async function endProcess(child: ChildProcess, exited: Promise<EnvoyExit>, timeoutMs: number): Promise<void> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  await exited
  clearTimeout(timer)
}
