import { constants } from 'node:http2'
import type { Metadata, ServerInterceptingCallInterface, ServerMethodDefinition } from '@grpc/grpc-js'
import { Metadata as MetadataMap, status } from '@grpc/grpc-js'
import type { Criticality } from '../admission/criticality.ts'
import type { Call, CallKind, CallOrigin, CallStatus, TaskTiming } from '../call.ts'
import { CallError } from '../errors.ts'
import { type BaseCall, baseCallOf, refuseUnannounced } from '../listen/hardened-server.ts'
import type { StatusError } from '../status-error.ts'
import { SentMetadata, statusFromError } from '../status.ts'
import type { Hooks, Interceptor } from './interceptor.ts'

/**
 * Where a call stands.
 *
 * - `open`: its handler may run and send.
 * - `answered`: the status is on its way; whatever the handler still sends is dropped.
 * - `over`: the HTTP/2 stream is closed.
 */
type CallState = 'open' | 'answered' | 'over'

/** A status as grpc-js passes it on: any part may be missing. */
type PartialStatusObject = Parameters<ServerInterceptingCallInterface['sendStatus']>[0]

/** How long a caller that does not read, or does not stop sending, may hold a call that has ended before its stream is reset. */
const unreadGraceMs = 1000

/** How much earlier than ours a caller's deadline may pass, in ms. */
const callerAheadMs = 5

const runPlainly = <T>(run: () => T): T => run()

/** What every intercepted method knows before its first call. */
export interface MethodFacts {
  definition: ServerMethodDefinition<unknown, unknown>
  origin: CallOrigin
  interceptors: readonly Interceptor[]
}

/** The one `Call` there is: tells the interceptors what happens, and makes sure that each call gets exactly one status. */
export class ActiveCall implements Call {
  readonly path: string
  readonly kind: CallKind
  readonly origin: CallOrigin
  readonly startedAtMs = performance.now()
  metadata: Metadata = new MetadataMap()
  deadlineMs = Number.POSITIVE_INFINITY
  criticality: Criticality = 'interactive'
  worker: string | undefined
  queueMs = 0
  computeMs = 0
  enter: <T>(run: () => T) => T = runPlainly
  readonly #base: BaseCall
  readonly #sendStatus: (status: PartialStatusObject) => void
  readonly #interceptors: readonly Interceptor[]
  #abort: AbortController | undefined
  #cutOffBy: CallError | StatusError | undefined
  #trailers: Metadata | undefined
  #hooks: Hooks[] = []
  #state: CallState = 'open'
  #final: CallStatus | undefined
  #unreadTimer: NodeJS.Timeout | undefined
  #reading = true

  constructor(facts: MethodFacts, call: Parameters<typeof baseCallOf>[0]) {
    this.path = facts.definition.path
    this.kind = kindOf(facts.definition)
    this.origin = facts.origin
    this.#interceptors = facts.interceptors
    this.#base = baseCallOf(call)
    this.#sendStatus = this.#base.sendStatus.bind(this.#base)
    refuseUnannounced(this.#base)
    // Not assigned where it is written: V8 would take it for a function that stays, and keep its call (`unary-call.ts`).
    const endByGrpc = (foreign: PartialStatusObject): void => this.#endByGrpc(foreign)
    this.#base.sendStatus = endByGrpc
  }

  get encoding(): string {
    return this.#base.incomingEncoding
  }

  get peer(): string {
    // What grpc-js noted when the call began; asked later the connection may be gone.
    const { remoteAddress, remotePort } = this.#base.getConnectionInfo()
    if (remoteAddress === undefined) return 'unknown'
    return remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`
  }

  get signal(): AbortSignal {
    // Made when somebody asks: most tiny calls never do.
    this.#abort ??= new AbortController()
    if (this.#cutOffBy && !this.#abort.signal.aborted) this.#abort.abort(this.#cutOffBy)
    return this.#abort.signal
  }

  /** What the handler adds to the trailers, whatever the status. Made when somebody asks. */
  get trailers(): Metadata {
    return (this.#trailers ??= new MetadataMap())
  }

  /** Sends the response's headers. Throws when they have left already; does nothing when the call has ended. */
  sendHeaders(headers: Metadata): void {
    if (!this.isOpen) return
    if (this.#base.stream.headersSent) {
      throw new Error(`${this.path}: headers have left already; send them once, before the first response`)
    }
    const sent = new SentMetadata()
    sent.merge(headers)
    this.#base.sendMetadata(sent)
  }

  /** True while the handler may still answer. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** False once the call takes no more input. */
  get isReading(): boolean {
    return this.#reading && this.#state === 'open'
  }

  get isUnbegun(): boolean {
    return this.isReading && (this.kind === 'unary' || this.kind === 'server_stream')
  }

  /** Drops whatever the caller still sends. */
  stopReading(): void {
    this.#reading = false
  }

  /** The headers have arrived: asks every interceptor for its hooks, in order. */
  begin(metadata: Metadata): void {
    this.metadata = metadata
    for (const interceptor of this.#interceptors) {
      const hooks = interceptor(this)
      if (hooks) this.#hooks.push(hooks)
    }
    // The innermost policy speaks first about an answer, the outermost has the last word.
    this.#hooks.reverse()
  }

  received(bytes: number): void {
    for (const hooks of this.#hooks) hooks.received?.(bytes)
  }

  sent(bytes: number): void {
    for (const hooks of this.#hooks) hooks.sent?.(bytes)
  }

  computed(timing: TaskTiming): void {
    this.worker = String(timing.worker)
    this.queueMs += timing.queueMs
    this.computeMs += timing.computeMs
    for (const hooks of this.#hooks) hooks.computed?.(timing)
  }

  fail(error: CallError | StatusError): void {
    // Its answer is on its way, but the caller does not read it.
    if (this.#state === 'answered') this.#resetUnread()
    if (this.#state !== 'open') return
    this.answer(statusFromError(error))
    this.#cutOff(error)
  }

  /** Sends the status; the first one counts, later ones are dropped. */
  answer(answer: CallStatus): void {
    if (this.#state !== 'open') return
    this.#state = 'answered'
    this.#final = answer
    if (this.#trailers) answer.metadata.merge(this.#trailers)
    for (const hooks of this.#hooks) hooks.answering?.(answer, this)
    // A call that went well has no message, says the protocol; grpc-js would send OK as its text.
    const details = answer.code === status.OK ? '' : answer.details
    this.#sendStatus({ code: answer.code, details, metadata: answer.metadata })
  }

  /** The stream is closed: by our status, or because the caller went away. grpc-js says so for every call, once. */
  over(): void {
    if (this.#state === 'over') return
    clearTimeout(this.#unreadTimer)
    this.#endInput()
    if (this.#state === 'open') {
      const error = this.#goneError()
      this.#final = statusFromError(error)
      this.#state = 'over'
      this.#abortWith(error)
    }
    this.#state = 'over'
    const final = this.#final as CallStatus
    for (const hooks of this.#hooks) hooks.ended?.(final, this)
  }

  /** grpc-js ends some calls by itself (a message too large); that status takes the same way as all others. */
  #endByGrpc(foreign: PartialStatusObject): void {
    if (this.#state !== 'open') return
    const answer = statusFromForeign(foreign)
    this.answer(answer)
    this.#cutOff(new CallError(answer.error ?? 'internal', answer.details))
  }

  /** Tells the handler that its call has ended without it. */
  #cutOff(error: CallError | StatusError): void {
    this.#abortWith(error)
    this.#resetUnread()
  }

  /** Without this a caller that never reads would keep its stream, and what is buffered for it, for ever. */
  #resetUnread(): void {
    this.#unreadTimer ??= setTimeout(() => this.#base.stream.close(constants.NGHTTP2_CANCEL), unreadGraceMs)
  }

  #abortWith(error: CallError | StatusError): void {
    this.#cutOffBy = error
    this.#abort?.abort(error)
  }

  /** A caller that has its status and goes on sending is told to stop, as RFC 9113 section 8.1 says; else it keeps its stream. */
  #endInput(): void {
    const { stream } = this.#base
    if (stream.closed || stream.readableEnded) return
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), unreadGraceMs)
    stream.once('close', () => clearTimeout(timer))
  }

  #goneError(): CallError {
    // A caller whose deadline passes resets its stream, and its clock started earlier than ours.
    if (Date.now() >= this.deadlineMs - callerAheadMs) return new CallError('deadline_exceeded', 'the deadline passed')
    return new CallError('cancelled', 'the caller went away')
  }
}

function kindOf(method: ServerMethodDefinition<unknown, unknown>): CallKind {
  if (method.requestStream) return method.responseStream ? 'bidi_stream' : 'client_stream'
  return method.responseStream ? 'server_stream' : 'unary'
}

/** A status that some other handler made (grpc-js itself, health, reflection), filled up. */
export function statusFromForeign(foreign: PartialStatusObject): CallStatus {
  return {
    code: foreign.code ?? status.UNKNOWN,
    details: foreign.details ?? '',
    metadata: foreign.metadata ?? new SentMetadata(),
  }
}
