import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import { arrivalTimesMs } from '../../cli/spread/arrivals.ts'
import { sendOnSchedule } from '../../cli/spread/send-on-schedule.ts'

/** What is called, with the message as it stands on the wire. */
export interface LeanLoad {
  path: string
  body: Buffer
  headers: Readonly<Record<string, string>>
  rate: number
  seconds: number
  seed: number
  deadlineMs: number
}

/** One call as it ended. */
export interface LeanEnd {
  /** When it was to be sent, from the start of the load, and how long it took from then, in ms. */
  intendedMs: number
  latencyMs: number
  code: number
  details: string
}

/** A connection for unary calls without gRPC's client, whose garbage alone would be most of what a p99 shows. */
export async function leanConnection(target: string): Promise<ClientHttp2Session> {
  const session = connect(`http://${target}`, { settings: { enablePush: false } })
  // A replica lets each connection have a thousand calls; Node asks for no more than a hundred before it is told.
  await Promise.all([once(session, 'connect'), once(session, 'remoteSettings')])
  return session
}

/** Sends calls at random times whatever becomes of them, and tells how each ended. A call counts from when it was to be sent. */
export async function sendLean(session: ClientHttp2Session, load: LeanLoad): Promise<LeanEnd[]> {
  const { rate, seconds, seed } = load
  const ends: LeanEnd[] = []
  const startedAtMs = performance.now()
  let open = 0
  const allEnded = Promise.withResolvers<void>()
  let sending = true
  const ended = (end: LeanEnd): void => {
    ends.push(end)
    open -= 1
    if (!sending && open === 0) allEnded.resolve()
  }
  const send = (intendedMs: number): void => {
    open += 1
    callOnce(session, load, (code, details) =>
      ended({ intendedMs, latencyMs: performance.now() - startedAtMs - intendedMs, code, details }),
    )
  }
  const timesMs = arrivalTimesMs({ rate, seconds, arrivals: 'poisson', seed })
  await sendOnSchedule({ timesMs, startedAtMs, send, signal: new AbortController().signal })
  sending = false
  if (open === 0) allEnded.resolve()
  await allEnded.promise
  return ends
}

function callOnce(
  session: ClientHttp2Session,
  { path, body, headers, deadlineMs }: LeanLoad,
  ended: (code: number, details: string) => void,
): void {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    'grpc-timeout': `${deadlineMs}m`,
    ...headers,
  })
  let told = false
  const tell = (code: number, details: string): void => {
    if (told) return
    told = true
    clearTimeout(timer)
    ended(code, details)
  }
  const read = (received: IncomingHttpHeaders): void => {
    const code = received['grpc-status']
    if (code !== undefined) tell(Number(code), decodeURI([received['grpc-message'] ?? ''].flat().join()))
  }
  const timer = setTimeout(() => {
    tell(status.DEADLINE_EXCEEDED, 'the caller waited no longer')
    stream.close(constants.NGHTTP2_CANCEL)
  }, deadlineMs)
  stream.on('response', read)
  stream.on('trailers', read)
  stream.on('error', () => {})
  stream.once('close', () => {
    tell(status.UNAVAILABLE, 'the stream ended without a status')
    // As a replica does: V8 keeps a closed stream for a while.
    stream.removeAllListeners()
  })
  stream.resume()
  stream.end(body)
}
