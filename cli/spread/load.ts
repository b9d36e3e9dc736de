import { type ChannelInterface, Metadata, status } from '@grpc/grpc-js'
import { podTrailer } from './identify-by.ts'
import { type CallFrame, LoadCall } from './load-call.ts'
import type { LoadOptions, LoadProgress } from './load-options.ts'
import { Tally } from './tally.ts'

/** A load that runs: sends when told, counts what comes back. */
export class Load {
  readonly tally = new Tally()
  /** `performance.now()` when the load was made. */
  readonly startedAtMs = performance.now()
  readonly #options: LoadOptions
  readonly #channels: readonly ChannelInterface[]
  readonly #signal: AbortSignal
  readonly #frame: CallFrame
  readonly #maxInFlight: number
  readonly #inFlight = new Set<LoadCall>()
  #sent = 0
  #onIdle = (): void => {}

  constructor(options: LoadOptions, channels: readonly ChannelInterface[], signal: AbortSignal) {
    this.#options = options
    this.#channels = channels
    this.#signal = signal
    this.#maxInFlight = options.maxInFlight ?? 20_000
    this.#frame = {
      path: options.work.path,
      startedAtMs: this.startedAtMs,
      deadlineMs: options.deadlineMs ?? 10_000,
      identifyBy: options.identifyBy ?? podTrailer,
      metadata: Metadata.fromHttp2Headers({ ...options.headers }),
      onEnd: (call) => this.#onEnd(call),
    }
  }

  /** Sends the next call over the next connection, unless too many are in flight. */
  send(intendedMs: number): void {
    if (this.#inFlight.size >= this.#maxInFlight) {
      this.tally.notSent += 1
      return
    }
    const call = new LoadCall(this.#frame, intendedMs)
    this.#inFlight.add(call)
    const channel = this.#channels[this.#sent % this.#channels.length] as ChannelInterface
    this.#sent += 1
    call.start(channel, this.#options.work.nextRequest())
  }

  progress(): Omit<LoadProgress, 'totalMs'> {
    return { elapsedMs: performance.now() - this.startedAtMs, sent: this.#sent, inFlight: this.#inFlight.size }
  }

  /** Resolves when every call has ended. An abort of the signal cancels those in flight, now or later. */
  async ended(): Promise<void> {
    const cancelAll = (): void => this.#inFlight.forEach((call) => call.cancel())
    if (this.#signal.aborted) cancelAll()
    this.#signal.addEventListener('abort', cancelAll, { once: true })
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve
      if (this.#inFlight.size === 0) resolve()
    })
    this.#signal.removeEventListener('abort', cancelAll)
  }

  #onEnd(call: LoadCall): void {
    this.#inFlight.delete(call)
    // A call that this side took back was neither answered nor lost.
    if (!(this.#signal.aborted && call.code === status.CANCELLED)) {
      this.tally.record(call)
      this.#options.onCallEnd?.(call)
    }
    if (this.#inFlight.size === 0) this.#onIdle()
  }
}
