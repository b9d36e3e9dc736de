import { type Metadata, type sendUnaryData, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js'

/** What hears of the caller: grpc-js exports no name for it. */
type Listener = Parameters<ServerInterceptingCallInterface['start']>[0]

/** What a handler of one request and one response is given here. */
export interface UnaryRequest<Request> {
  readonly request: Request
  readonly metadata: Metadata
  /** Address and port of the caller. */
  getPeer(): string
}

/** Such a handler. */
export type UnaryHandlerOf<Request, Response> = (call: UnaryRequest<Request>, respond: sendUnaryData<Response>) => void

/**
 * Waits for the request of a unary call, then runs its handler. grpc-js makes a stream for each such call, though nobody reads it.
 * Every stream of Node has a function that was assigned to a property where it was written, and V8 takes such a function for one that
 * stays: among the old objects, where it keeps the stream, and all that hangs on it, until the next full collection.
 */
export class UnaryCall implements Listener, UnaryRequest<unknown> {
  metadata!: Metadata
  request: unknown
  readonly #call: ServerInterceptingCallInterface
  readonly #handler: UnaryHandlerOf<unknown, unknown>
  #received = false

  constructor(call: ServerInterceptingCallInterface, handler: UnaryHandlerOf<unknown, unknown>) {
    this.#call = call
    this.#handler = handler
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.metadata = metadata
    this.#call.startRead()
  }

  onReceiveMessage(message: unknown): void {
    if (this.#received) return this.#end(status.UNIMPLEMENTED, 'a second request message came; this call takes one')
    this.#received = true
    this.request = message
    this.#call.startRead()
  }

  onReceiveHalfClose(): void {
    if (!this.#received) return this.#end(status.UNIMPLEMENTED, 'no request message came; this call takes one')
    const respond: sendUnaryData<unknown> = (error, response) => {
      if (error) this.#end(error.code ?? status.UNKNOWN, error.details ?? 'unknown error', error.metadata)
      else this.#call.sendMessage(response, () => this.#end(status.OK, 'OK'))
    }
    try {
      this.#handler(this, respond)
    } catch {
      this.#end(status.UNKNOWN, 'unknown error')
    }
  }

  getPeer(): string {
    return this.#call.getPeer()
  }

  onCancel(): void {}

  #end(code: status, details: string, metadata?: Metadata): void {
    this.#call.sendStatus({ code, details, metadata: metadata ?? null })
  }
}
