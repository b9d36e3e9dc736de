import type { ChannelCall } from './channel-call.ts'

/** As much as grpc-js itself keeps of one call (`grpc.per_rpc_retry_buffer_size`), in bytes. */
const maxKeptBytes = 1024 * 1024

/** The request of a call, kept as long as it may have to be sent again. */
export class SentRequest {
  /** All of it was sent. */
  complete = false
  #count = 0
  #kept: { message: Buffer; context: { flags?: number } } | undefined

  get empty(): boolean {
    return this.#count === 0 && !this.complete
  }

  /** Whether it can still be sent again: it is one message, and not above 1 MiB. */
  keep(message: Buffer, flags: number | undefined): boolean {
    this.#count += 1
    if (this.#count > 1 || message.byteLength > maxKeptBytes) return false
    this.#kept = { message, context: flags === undefined ? {} : { flags } }
    return true
  }

  /** It will not be sent again. */
  forget(): void {
    this.#kept = undefined
  }

  sendTo(attempt: Pick<ChannelCall, 'sendMessageWithContext' | 'halfClose'>): void {
    if (this.#kept) attempt.sendMessageWithContext(this.#kept.context, this.#kept.message)
    if (this.complete) attempt.halfClose()
  }
}
