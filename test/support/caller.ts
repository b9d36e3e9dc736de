import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { echoPath } from './backend.ts'

/** One call. */
export interface CallOptions {
  /** Default: the one method of a backend. */
  path?: string
  body?: Buffer
  metadata?: Record<string, string>
  deadlineMs?: number
}

/** How a call ended, as its caller saw it. */
export interface Outcome {
  code: status
  details: string
  /** Name of the backend that answered, from its trailer. */
  pod: string
  trailers: Metadata
  body: Buffer | undefined
  /** Headers had come: no proxy can repeat the call any more. */
  headersSeen: boolean
}

/** A gRPC client with connections of its own and, unless it is told otherwise, ONE of them and no retries. */
export interface Caller extends Disposable {
  /** Makes a call; never rejects. */
  call(options?: CallOptions): Promise<Outcome>
  /** Makes calls one after the other. */
  callInTurn(count: number, options?: CallOptions): Promise<Outcome[]>
  /** Makes calls all at once. */
  callAtOnce(count: number, options?: CallOptions): Promise<Outcome[]>
  /** Keeps `concurrency` calls in flight until `until` resolves; all outcomes. */
  callUntil(until: Promise<unknown>, concurrency: number, options?: CallOptions): Promise<Outcome[]>
}

/** Opens a client for `target` (`host:port`), with further options of its channel, by plaintext unless said. */
export function openCaller(target: string, options: ChannelOptions = {}, secure?: ChannelCredentials): Caller {
  const client = new Client(target, secure ?? credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
    ...options,
  })
  const call = (how: CallOptions = {}) => makeCall(client, how)
  const callInTurn = async (count: number, how?: CallOptions) => {
    const outcomes: Outcome[] = []
    while (outcomes.length < count) outcomes.push(await call(how))
    return outcomes
  }
  return {
    call,
    callInTurn,
    callAtOnce: (count, how) => Promise.all(Array.from({ length: count }, () => call(how))),
    callUntil: async (until, concurrency, how) => {
      const ended = new AbortController()
      const outcomes: Outcome[] = []
      const loop = async () => {
        while (!ended.signal.aborted) outcomes.push(await call(how))
      }
      const loops = Array.from({ length: concurrency }, loop)
      await until.finally(() => ended.abort())
      await Promise.all(loops)
      return outcomes
    },
    [Symbol.dispose]: () => client.close(),
  }
}

/** Calls per backend, by its name. */
export function callsPerPod(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { pod } of outcomes) counts[pod] = (counts[pod] ?? 0) + 1
  return counts
}

/** The calls that were lost and could have been saved: those whose headers had come are beyond any proxy. */
export function lost(outcomes: readonly Outcome[]): string[] {
  const failed = outcomes.filter(({ code, headersSeen }) => code !== status.OK && !headersSeen)
  return failed.map(({ code, details }) => `${code} ${details}`)
}

const bytes = (value: Buffer) => value

function makeCall(client: Client, options: CallOptions): Promise<Outcome> {
  const { path = echoPath, body = Buffer.from('call'), metadata = {}, deadlineMs } = options
  const headers = new Metadata()
  for (const [key, value] of Object.entries(metadata)) headers.set(key, value)
  const deadline = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }
  return new Promise((resolve) => {
    let answer: Buffer | undefined
    let headersSeen = false
    const call = client.makeUnaryRequest(path, bytes, bytes, body, headers, deadline, (_, response) => {
      answer = response
    })
    call.on('metadata', () => {
      headersSeen = true
    })
    call.on('status', ({ code, details, metadata: trailers }: StatusObject) => {
      const pod = String(trailers.get('evenkeel-pod')[0] ?? '')
      queueMicrotask(() => resolve({ code, details, pod, trailers, body: answer, headersSeen }))
    })
  })
}
