import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ServingMessage } from '../../chassis/run-until-stopped.ts'
import type { Endpoint } from '../../envoy/endpoints.ts'
import { type ReplicaExit, StartFailure } from './start-failure.ts'

/** How a replica is started. */
export interface ReplicaOptions {
  /** Its name in logs and in the trailer `evenkeel-pod`. */
  name: string
  /** The command that serves, without options. */
  command: readonly string[]
  /** Settings beside those that the fleet gives. */
  settings: readonly string[]
  environment: NodeJS.ProcessEnv
  /** Gets every line that the replica writes, from when it serves; an error quotes those of one that never does. */
  onLine: (line: string) => void
}

/** One replica as a child process that serves. */
export interface Replica {
  readonly name: string
  readonly pid: number
  readonly endpoint: Endpoint
  /** Resolves when the process is gone. */
  readonly exited: Promise<ReplicaExit>
  kill(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

/** How long a replica may take to serve: far more than the 0.3 s it needs on an idle machine. */
const startTimeoutMs = 30_000
/** Nothing on one machine speaks TLS to a replica; variables of that name are meant for the commands that call. */
const withoutTls = ['--tls-certificate=', '--tls-private-key=', '--tls-client-authorities=', '--tls-client-names=']

/**
 * Starts a replica on free ports of 127.0.0.1 and resolves when it says that it serves. Rejects with its last lines when
 * it ends before. The replica is not in the terminal's process group, so Ctrl-C reaches its owner only; it drains by itself
 * when its owner is gone.
 */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const [file = '', ...args] = options.command
  const settings = [
    '--host=127.0.0.1',
    '--port=0',
    '--health-port=0',
    `--pod-name=${options.name}`,
    ...withoutTls,
    ...options.settings,
  ]
  const child = spawn(file, [...args, ...settings], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
    env: options.environment,
  })
  const exited = new Promise<ReplicaExit>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const endpoint = await servingEndpoint(child, exited, options)
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
  return { name: options.name, pid: child.pid as number, endpoint, exited, kill }
}

async function servingEndpoint(
  child: ChildProcess,
  exited: Promise<ReplicaExit>,
  { name, onLine }: ReplicaOptions,
): Promise<Endpoint> {
  let served = false
  const early: string[] = []
  const serving = Promise.withResolvers<Endpoint>()
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      if (served) onLine(line)
      else early.push(line)
    })
  }
  child.on('message', (message) => {
    if (isServing(message)) serving.resolve(message.serving)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs)
  const failed = exited.then((exit) => {
    throw new StartFailure(name, exit, early)
  })
  try {
    const endpoint = await Promise.race([serving.promise, failed])
    served = true
    early.forEach(onLine)
    return endpoint
  } finally {
    clearTimeout(timer)
    failed.catch(() => {})
  }
}

/** A workload may have messages of its own for its parent. */
function isServing(message: unknown): message is ServingMessage {
  return typeof message === 'object' && message !== null && 'serving' in message
}
