import { setInterval } from 'node:timers/promises'
import { type Channel, Client, credentials, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { echoPath } from '../support/backend.ts'

/** A load that goes on until it is disposed. */
export interface SteadyCalls extends AsyncDisposable {
  /** Calls that have ended. */
  readonly ended: number
  /** When each pod answered for the first time, by `performance.now()`. */
  readonly firstAnswers: ReadonlyMap<string, number>
  /** Those that did not end with OK, as `STATUS details`, at most a hundred. */
  readonly failures: readonly string[]
}

/** Milliseconds between two bursts: a few calls at a time. */
const tickMs = 5

/** Makes `rate` calls a second of a backend's method over one channel, whether they are answered or not; without deadlines or retries of its own. */
export function startSteadyCalls(channel: Channel, rate: number): SteadyCalls {
  const client = new Client(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel })
  const stop = new AbortController()
  const failures: string[] = []
  const firstAnswers = new Map<string, number>()
  let ended = 0
  let open = 0
  const call = (): void => {
    open += 1
    const made = client.makeUnaryRequest(echoPath, same, same, body, new Metadata(), {}, () => {})
    made.on('status', ({ code, details, metadata }: StatusObject) => {
      open -= 1
      ended += 1
      if (code !== status.OK && failures.length < 100) failures.push(`${status[code]} ${details}`)
      const pod = String(metadata.get('evenkeel-pod')[0])
      if (!firstAnswers.has(pod)) firstAnswers.set(pod, performance.now())
      if (open === 0) idle.resolve()
    })
  }
  let idle = Promise.withResolvers<void>()
  const running = (async () => {
    const startedAtMs = performance.now()
    let made = 0
    try {
      for await (const _ of setInterval(tickMs, undefined, { signal: stop.signal })) {
        for (const due = ((performance.now() - startedAtMs) * rate) / 1000; made < due; made += 1) call()
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error
    }
  })()
  return {
    get ended() {
      return ended
    },
    firstAnswers,
    failures,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
      idle = Promise.withResolvers<void>()
      if (open > 0) await idle.promise
      client.close()
    },
  }
}

const body = Buffer.from('tiny')
const same = (bytes: Buffer): Buffer => bytes
