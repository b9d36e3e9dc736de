import { type CallCredentials, type InterceptingListener, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import type { ChannelCall } from './channel-call.ts'
import type { Repetition } from './repetition.ts'
import { SentRequest } from './sent-request.ts'

/** What a call is made by, and made again. */
export interface RepeatableCall {
  /** Makes an attempt; all have the same deadline. */
  open: () => ChannelCall
  repetition: Repetition
  /** `Date.now()` at the end of its time. */
  deadlineMs: number
  /** Told once, at its end. */
  onEnd?: () => void
}

/**
 * A call that is made again when an attempt fails and its `Repetition` says so. What arrives is handed on when nothing can be
 * repeated any more: with one response at its end, with many at the first sign of life.
 */
export class RepeatingCall implements ChannelCall {
  readonly #how: RepeatableCall
  readonly #request = new SentRequest()
  #attempt: ChannelCall
  #listener: InterceptingListener | undefined
  #metadata = new Metadata()
  #credentials: CallCredentials | undefined
  #state: 'new' | 'open' | 'committed' | 'cancelled' | 'ended' = 'new'
  /** grpc-js reads before the request is sent where there is one response, and when the reader asks where there are many. */
  #single = false
  #reading = false
  #headers: Metadata | undefined
  #message: unknown
  #pause: { timer: NodeJS.Timeout; failed: StatusObject } | undefined

  constructor(how: RepeatableCall) {
    this.#how = how
    this.#attempt = how.open()
  }

  start(metadata: Metadata, listener: InterceptingListener): void {
    this.#metadata = metadata.clone()
    this.#listener = listener
    this.#state = 'open'
    this.#attempt.start(metadata, this.#listen())
  }

  sendMessageWithContext(context: Parameters<ChannelCall['sendMessageWithContext']>[0], message: Buffer): void {
    if (!this.#request.keep(message, context.flags)) this.#commit()
    this.#attempt.sendMessageWithContext(context, message)
  }

  halfClose(): void {
    this.#request.complete = true
    this.#attempt.halfClose()
  }

  startRead(): void {
    if (this.#state === 'open' && this.#request.empty) this.#single = true
    this.#reading = true
    this.#attempt.startRead()
  }

  /** Ends an attempt, or the pause between two. */
  cancelWithStatus(code: status, details: string): void {
    if (this.#state === 'ended') return
    this.#state = 'cancelled'
    if (this.#pause) this.#endPause({ code, details, metadata: new Metadata() })
    else this.#attempt.cancelWithStatus(code, details)
  }

  setCredentials(credentials: CallCredentials): void {
    this.#credentials = credentials
    this.#attempt.setCredentials(credentials)
  }

  getPeer(): string {
    return this.#attempt.getPeer()
  }

  getCallNumber(): number {
    return this.#attempt.getCallNumber()
  }

  getAuthContext(): ReturnType<ChannelCall['getAuthContext']> {
    return this.#attempt.getAuthContext()
  }

  #listen(): InterceptingListener {
    return {
      onReceiveMetadata: (headers) => {
        this.#headers = headers
        if (!this.#single) this.#commit()
        else if (this.#state === 'committed') this.#flush()
      },
      onReceiveMessage: (message) => {
        // A second response, or one to a request that goes on: this is no unary call after all.
        if (this.#message !== undefined || !this.#request.complete) this.#commit()
        this.#message = message
        if (this.#state === 'committed' || !this.#single) this.#flush()
      },
      onReceiveStatus: (ended) => this.#onStatus(ended),
    }
  }

  #onStatus(ended: StatusObject): void {
    if (ended.code === status.OK) this.#how.repetition.succeeded()
    else if (this.#state === 'open') {
      const timeLeftMs = this.#how.deadlineMs - Date.now()
      const headersSeen = this.#headers !== undefined
      const pauseMs = this.#how.repetition.pauseMs({ failure: ended, headersSeen, timeLeftMs })
      if (pauseMs !== undefined) {
        this.#pause = { timer: setTimeout(() => this.#repeat(ended), pauseMs), failed: ended }
        return
      }
    }
    this.#end(ended)
  }

  #repeat(failed: StatusObject): void {
    this.#pause = undefined
    try {
      this.#attempt = this.#how.open()
    } catch {
      // The channel was closed meanwhile.
      this.#end(failed)
      return
    }
    this.#headers = undefined
    this.#message = undefined
    if (this.#credentials) this.#attempt.setCredentials(this.#credentials)
    const metadata = this.#metadata.clone()
    metadata.set('grpc-previous-rpc-attempts', String(this.#how.repetition.repeats))
    this.#attempt.start(metadata, this.#listen())
    if (this.#reading) this.#attempt.startRead()
    this.#request.sendTo(this.#attempt)
  }

  #commit(): void {
    if (this.#state === 'open') this.#state = 'committed'
    this.#request.forget()
    this.#flush()
    if (this.#pause) this.#endPause(this.#pause.failed)
  }

  /** As grpc-js does: never before the caller has gone on. */
  #endPause(ended: StatusObject): void {
    clearTimeout(this.#pause?.timer)
    this.#pause = undefined
    queueMicrotask(() => this.#end(ended))
  }

  #flush(): void {
    const [headers, message] = [this.#headers, this.#message]
    this.#headers = undefined
    this.#message = undefined
    if (headers !== undefined) this.#listener?.onReceiveMetadata(headers)
    if (message !== undefined) this.#listener?.onReceiveMessage(message)
  }

  #end(ended: StatusObject): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#request.forget()
    this.#flush()
    this.#how.onEnd?.()
    this.#listener?.onReceiveStatus(ended)
  }
}
