import { type ChannelInterface, type InterceptingListener, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { servedByOf } from '../../client/served-by.ts'
import { AttemptCounter } from './attempt-counter.ts'
import type { CallEnd } from './call-end.ts'
import type { IdentifyBy } from './identify-by.ts'

/** What the calls of one load have in common. */
export interface CallFrame {
  path: string
  /** `performance.now()` at the start of the load. */
  startedAtMs: number
  deadlineMs: number
  identifyBy: IdentifyBy
  /** Sent with each call. */
  metadata: Metadata
  onEnd: (call: LoadCall) => void
}

/**
 * One unary call, below the client class of grpc-js: without an emitter, interceptors and a stack trace for each call, which
 * cost more than all the rest here.
 */
export class LoadCall implements CallEnd, InterceptingListener {
  readonly intendedMs: number
  sentMs = 0
  latencyMs = 0
  code = status.OK
  details = ''
  headersSeen = false
  trailersSeen = false
  pod: string | undefined
  process: string | undefined
  worker: string | undefined
  queueMs: number | undefined
  computeMs: number | undefined
  readonly #frame: CallFrame
  readonly #counter = new AttemptCounter()
  #call: ReturnType<ChannelInterface['createCall']> | undefined
  #answered = false

  constructor(frame: CallFrame, intendedMs: number) {
    this.#frame = frame
    this.intendedMs = intendedMs
  }

  get attempts(): number {
    return Math.max(1, this.#counter.attempts)
  }

  /** Sends the request. `onEnd` of the frame is called once, never before this returns. */
  start(channel: ChannelInterface, request: Buffer): void {
    const { path, startedAtMs, deadlineMs, metadata } = this.#frame
    this.sentMs = performance.now() - startedAtMs
    const call = channel.createCall(path, Date.now() + deadlineMs, null, null, null)
    this.#call = call
    call.setCredentials(this.#counter)
    call.start(metadata, this)
    call.startRead()
    call.sendMessageWithContext({}, request)
    call.halfClose()
  }

  /** Ends the call from this side. */
  cancel(): void {
    this.#call?.cancelWithStatus(status.CANCELLED, 'the load was cut short')
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.headersSeen = true
    const { part, name } = this.#frame.identifyBy
    if (part === 'header') this.pod = textOf(metadata, name)
  }

  onReceiveMessage(): void {
    this.#answered = true
  }

  onReceiveStatus({ code, details, metadata }: StatusObject): void {
    // A call that left a little early is measured from when it left, a late one from when it was to leave.
    this.latencyMs = performance.now() - this.#frame.startedAtMs - Math.min(this.intendedMs, this.sentMs)
    const empty = code === status.OK && !this.#answered
    this.code = empty ? status.UNIMPLEMENTED : code
    this.details = empty ? 'OK without a response' : details
    this.#readTrailers(metadata)
    this.#frame.onEnd(this)
  }

  #readTrailers(trailers: Metadata): void {
    const { part, name } = this.#frame.identifyBy
    this.trailersSeen = this.code === status.OK || Object.keys(trailers.getMap()).length > 0
    // An answer without headers has them and the trailers in one.
    if (part === 'trailer' || !this.headersSeen) this.pod = textOf(trailers, name)
    const { process, worker, queueMs, computeMs } = servedByOf(trailers)
    this.process = process
    this.worker = worker
    this.queueMs = queueMs
    this.computeMs = computeMs
  }
}

function textOf(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0]?.toString()
}
