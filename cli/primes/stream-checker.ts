import { setTimeout as pause } from 'node:timers/promises'
import { type ClientDuplexStream, Metadata, type ServiceError } from '@grpc/grpc-js'
import { Resumption } from '../../client/resumption.ts'
import type {
  CheckPrimeStreamRequest,
  CheckPrimeStreamResponse,
  PrimesServiceClient,
} from '../../gen/evenkeel/primes/v1/primes.ts'

type Outcome = NonNullable<CheckPrimeStreamResponse['outcome']>

interface Question {
  request: CheckPrimeStreamRequest
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

/**
 * Asks about many numbers over one CheckPrimeStream. A stream that breaks or reaches its deadline is replaced, and what was
 * not answered is asked again. How many questions are open at a time is up to the caller.
 */
export class StreamChecker implements Disposable {
  readonly #client: PrimesServiceClient
  readonly #deadlineMs: number
  readonly #open = new Map<bigint, Question>()
  readonly #resumption = new Resumption()
  readonly #closed = new AbortController()
  #stream: ClientDuplexStream<CheckPrimeStreamRequest, CheckPrimeStreamResponse> | undefined
  #pausing = false
  #lastId = 0n

  /** `deadlineMs` is for each stream: one that has answered nothing in this time fails its questions. */
  constructor(client: PrimesServiceClient, deadlineMs: number) {
    this.#client = client
    this.#deadlineMs = deadlineMs
  }

  /** What became of one number. Rejects when no stream could be had, with the failure of the last. */
  ask(number: string): Promise<Outcome> {
    this.#lastId += 1n
    const request = { id: this.#lastId, number }
    return new Promise((resolve, reject) => {
      this.#open.set(request.id, { request, resolve, reject })
      if (this.#stream) this.#stream.write(request)
      else if (!this.#pausing) this.#start()
    })
  }

  /** Ends the stream; open questions reject. */
  [Symbol.dispose](): void {
    this.#closed.abort()
    this.#stream?.cancel()
    this.#failAll(new Error('closed'))
  }

  #start(): void {
    const stream = this.#client.checkPrimeStream(new Metadata(), { deadline: Date.now() + this.#deadlineMs })
    let progressed = false
    this.#stream = stream
    stream.on('data', ({ id, outcome }: CheckPrimeStreamResponse) => {
      const question = this.#open.get(id)
      if (question === undefined || outcome === undefined) return
      progressed = true
      this.#open.delete(id)
      question.resolve(outcome)
    })
    stream.on('error', (error: ServiceError) => void this.#replace(error, progressed))
    for (const { request } of this.#open.values()) stream.write(request)
  }

  async #replace(failure: ServiceError, progressed: boolean): Promise<void> {
    this.#stream = undefined
    // A stream that ended while nobody asked is opened again by the next question.
    if (this.#closed.signal.aborted || this.#open.size === 0) return
    const pauseMs = this.#resumption.pauseMs(failure, progressed)
    if (pauseMs === undefined) return this.#failAll(failure)
    this.#pausing = true
    await pause(pauseMs, undefined, { signal: this.#closed.signal }).catch(() => {})
    this.#pausing = false
    if (!this.#closed.signal.aborted) this.#start()
  }

  #failAll(error: unknown): void {
    for (const { reject } of this.#open.values()) reject(error)
    this.#open.clear()
  }
}
