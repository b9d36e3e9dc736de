import { status } from '@grpc/grpc-js'
import type { CallFailure } from './call-failure.ts'
import type { FailureCause, RetryBudget } from './retry-budget.ts'

/** A crash or a drain costs one repeat, and two more if that meets the next one. */
const maxAttempts = 4
/** Pause before the first repeat, in milliseconds; it doubles with each, within the bound. */
const firstPauseMs = 50
const maxPauseMs = 1000
/** Pauses vary by a fifth, so that calls that failed together do not come back together. */
const jitter = 0.2

/** What the repeats of a channel go by. */
export interface RepetitionPolicy {
  budget: RetryBudget
  /** Makes a refused call once more, after the time that the replica asks for. */
  repeatRefused: boolean
  /** Calls that fail as UNAVAILABLE before response headers are repeated by grpc-js, as the route of a control plane says. */
  unavailableByRoute: boolean
}

/** One attempt that failed, and how long its call has left. */
export interface FailedAttempt {
  failure: CallFailure
  headersSeen: boolean
  timeLeftMs: number
}

/** Decides whether a failed call of an idempotent method is made again, and when. */
export class Repetition {
  readonly #policy: RepetitionPolicy
  #attempts = 1
  #refused = false

  constructor(policy: RepetitionPolicy) {
    this.#policy = policy
  }

  /** How often the call has been made again. */
  get repeats(): number {
    return this.#attempts - 1
  }

  succeeded(): void {
    this.#policy.budget.succeeded()
  }

  /** How long to wait before the call is made again, in milliseconds; undefined when the failure stands. */
  pauseMs(attempt: FailedAttempt): number | undefined {
    const askedForMs = pushbackMs(attempt.failure)
    const cause = this.#causeOf(attempt, askedForMs)
    if (cause === undefined) return undefined
    const affordable = this.#policy.budget.failed(cause)
    // What is no number of milliseconds, as -1, says never.
    if (!affordable || askedForMs === 'never' || this.#attempts >= maxAttempts) return undefined
    if (cause === 'refused' && (this.#refused || !this.#policy.repeatRefused)) return undefined
    const pauseMs = askedForMs === undefined ? this.#ownPauseMs() : askedForMs * (1 + jitter * Math.random())
    if (pauseMs >= attempt.timeLeftMs) return undefined
    this.#refused ||= cause === 'refused'
    this.#attempts += 1
    // Timers fire up to a millisecond early.
    return Math.ceil(pauseMs) + 1
  }

  #ownPauseMs(): number {
    const pauseMs = Math.min(firstPauseMs * 2 ** this.repeats, maxPauseMs)
    return pauseMs * (1 + jitter * (2 * Math.random() - 1))
  }

  #causeOf(attempt: FailedAttempt, askedForMs: Pushback): FailureCause | undefined {
    const { code, details } = attempt.failure
    if (code === status.UNAVAILABLE) {
      return this.#policy.unavailableByRoute && !attempt.headersSeen ? undefined : 'broken'
    }
    // By grpc-js, of a stream that ended without trailers; a server that fails says something of its own.
    if (code === status.INTERNAL && details.startsWith('Received RST_STREAM with code ')) return 'broken'
    // Without a time to come back it may be anything, such as a message that is too large.
    return code === status.RESOURCE_EXHAUSTED && askedForMs !== undefined ? 'refused' : undefined
  }
}

type Pushback = number | 'never' | undefined

/** https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback */
function pushbackMs({ metadata }: CallFailure): Pushback {
  const value = metadata.get('grpc-retry-pushback-ms')[0]
  if (value === undefined) return undefined
  return /^\d{1,9}$/.test(value.toString()) ? Number(value) : 'never'
}
