import type { EndpointLoad } from './endpoint-load.ts'

/**
 * One call that an endpoint was picked for. It counts from the pick on, so that calls of one tick see each other. grpc-js
 * drops some picks without a word (the call was cancelled, the connection had just closed): such a claim lapses, and counts
 * again should the call begin after all.
 */
export class Claim {
  readonly load: EndpointLoad
  begunAtMs = 0
  #state: 'picked' | 'lapsed' | 'begun' = 'picked'

  constructor(load: EndpointLoad) {
    this.load = load
    load.open += 1
  }

  /** The call was sent. */
  begin(nowMs: number): void {
    if (this.#state === 'lapsed') this.load.open += 1
    this.#state = 'begun'
    this.begunAtMs = nowMs
  }

  /** The call is over. To be called once, after `begin`. */
  end(): void {
    this.load.open -= 1
  }

  /** Gives up a claim whose call has not begun. */
  lapse(): void {
    if (this.#state !== 'picked') return
    this.#state = 'lapsed'
    this.load.open -= 1
  }
}
