/** 249 broken calls in a row are repeated, more than one replica holds; after that one in eleven. */
const maxTokens = 500
const tokensPerAnswer = 0.1
/**
 * The topmost tokens, all that refusals may use: nine refused calls in a row are repeated, then one in eleven. Where most
 * calls are refused there are no answers to pay for repeats, and calls that a crash breaks meanwhile still find the rest.
 */
const refusalTokens = 20

/** Why an attempt failed: its connection or replica went away, or the replica said that it is full. */
export type FailureCause = 'broken' | 'refused'

/**
 * The budget of repeats of one channel, so that neither an outage nor an overload is multiplied: the token bucket of
 * https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs, in which a
 * failure costs a token, an answer gives a tenth, and calls are repeated while more than half is there.
 */
export class RetryBudget {
  #tokens = maxTokens

  /** A call was answered. */
  succeeded(): void {
    this.#tokens = Math.min(this.#tokens + tokensPerAnswer, maxTokens)
  }

  /** Counts a failed attempt, and says whether its call may be made again. */
  failed(cause: FailureCause): boolean {
    const bottom = cause === 'refused' ? maxTokens - refusalTokens : 0
    this.#tokens = Math.max(this.#tokens - 1, Math.min(this.#tokens, bottom))
    return this.#tokens > (maxTokens + bottom) / 2
  }
}
