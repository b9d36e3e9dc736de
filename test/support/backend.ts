import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type handleUnaryCall,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
} from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { Endpoint } from '../../envoy/endpoints.ts'

/** The one method that a backend has: it answers with the request's bytes. */
export const echoPath = '/test.v1.BackendService/Echo'

/** What a backend does with a call. */
export interface Behaviour {
  /** Answers after this time; default at once. */
  delayMs?: number
  /** Answers only after `release`. */
  hold?: boolean
  /** Ends with this status instead of an answer, before any header. */
  status?: status
  /** Says with an error when to come back. */
  pushbackMs?: number
}

/** A real gRPC server with health service. Answers carry the trailer `evenkeel-pod` with its name. */
export interface Backend extends AsyncDisposable {
  readonly name: string
  readonly endpoint: Endpoint
  /** Attempts that have reached it. */
  readonly attempts: number
  /** Calls that wait for `release` or for their delay. */
  readonly inFlight: number
  /** How long the last call had left when it came, in milliseconds; infinite without a deadline. */
  readonly lastTimeLeftMs: number
  /** What it does with calls from now on. */
  behave(behaviour: Behaviour): void
  /** Answers the calls that are held. */
  release(): void
  setHealth(serving: 'SERVING' | 'NOT_SERVING'): void
  /** Calls back when `inFlight` changes, until what it returns is called. */
  onChange(listener: () => void): () => void
}

/** Starts a backend in this process on a free port of 127.0.0.1. */
export async function startBackend(name: string, behaviour: Behaviour = {}): Promise<Backend> {
  const calls = new Calls(name, behaviour)
  const server = new Server({ 'grpc.max_receive_message_length': 8 * 1024 * 1024 })
  const health = new HealthImplementation({ '': 'SERVING' })
  health.addToServer(server)
  server.addService({ Echo: echoDefinition }, { Echo: calls.handle })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    name,
    endpoint: { address: '127.0.0.1', port },
    get attempts() {
      return calls.attempts
    },
    get inFlight() {
      return calls.inFlight
    },
    get lastTimeLeftMs() {
      return calls.lastTimeLeftMs
    },
    behave: (next) => calls.behave(next),
    release: () => calls.release(),
    setHealth: (serving) => health.setStatus('', serving),
    onChange: (listener) => {
      calls.changes.on('change', listener)
      return () => calls.changes.off('change', listener)
    },
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  }
}

/** When attempts reach a backend from now on, in milliseconds from any start; grows as they come. */
export function attemptTimesMs(backend: Backend): readonly number[] {
  const timesMs: number[] = []
  let seen = backend.attempts
  backend.onChange(() => {
    if (backend.attempts === seen) return
    seen = backend.attempts
    timesMs.push(performance.now())
  })
  return timesMs
}

const echoDefinition = {
  path: echoPath,
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
} as const

class Calls {
  readonly changes = new EventEmitter()
  attempts = 0
  inFlight = 0
  lastTimeLeftMs = 0
  readonly #name: string
  #behaviour: Behaviour

  constructor(name: string, behaviour: Behaviour) {
    this.#name = name
    this.#behaviour = behaviour
    this.changes.setMaxListeners(0) // each held call listens
  }

  readonly handle: handleUnaryCall<Buffer, Buffer> = (call, answer) => void this.#serve(call, answer)

  async #serve(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): Promise<void> {
    const behaviour = this.#behaviour
    this.attempts += 1
    this.lastTimeLeftMs = Number(call.getDeadline()) - Date.now()
    this.#count(1)
    const left = once(call, 'cancelled')
    if (behaviour.hold === true) await Promise.race([once(this.changes, 'release'), left])
    if (behaviour.delayMs !== undefined) await Promise.race([delay(behaviour.delayMs), left])
    this.#count(-1)
    this.#answer(behaviour, call.request, answer)
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour
  }

  release(): void {
    this.changes.emit('release')
  }

  #count(change: 1 | -1): void {
    this.inFlight += change
    this.changes.emit('change')
  }

  #answer(behaviour: Behaviour, request: Buffer, answer: sendUnaryData<Buffer>): void {
    const trailers = new Metadata()
    trailers.set('evenkeel-pod', this.#name)
    if (behaviour.pushbackMs !== undefined) trailers.set('grpc-retry-pushback-ms', String(behaviour.pushbackMs))
    if (behaviour.status === undefined) answer(null, request, trailers)
    else answer({ code: behaviour.status, details: `${this.#name} was told so`, metadata: trailers })
  }
}

/** A backend in a process of its own, for what only a process can do: die and hang. */
export interface ForkedBackend extends AsyncDisposable {
  readonly name: string
  readonly endpoint: Endpoint
  readonly inFlight: number
  /** Answers the calls that are held, and holds no more. */
  release(): void
  /** Sends a signal; after SIGKILL resolves when the process has ended. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>
}

/** What parent and child tell each other. */
export type FromBackend = { port: number } | { inFlight: number }

/** Starts a backend as a child process. */
export async function forkBackend(name: string, behaviour: Behaviour = {}): Promise<ForkedBackend> {
  const child = fork(fileURLToPath(new URL('./backend-child.ts', import.meta.url)), [name, JSON.stringify(behaviour)])
  const ended = once(child, 'exit')
  let inFlight = 0
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the backend ${name} ended with ${code} while it started`)))
    child.on('message', (message: FromBackend) => {
      if ('port' in message) resolve(message.port)
      else inFlight = message.inFlight
    })
  })
  const signal = async (signalName: NodeJS.Signals) => {
    child.kill(signalName)
    if (signalName === 'SIGKILL') await ended
  }
  return {
    name,
    endpoint: { address: '127.0.0.1', port },
    get inFlight() {
      return inFlight
    },
    release: () => void child.send('release'),
    signal,
    [Symbol.asyncDispose]: () => signal('SIGKILL'),
  }
}
