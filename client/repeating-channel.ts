import { Channel, type ChannelCredentials, type ChannelOptions, propagate, status } from '@grpc/grpc-js'
import type { ChannelCall } from './channel-call.ts'
import { RepeatingCall } from './repeating-call.ts'
import { Repetition, type RepetitionPolicy } from './repetition.ts'
import { RetryBudget } from './retry-budget.ts'

/** Which calls a channel makes again. */
export interface ChannelRepeats extends Omit<RepetitionPolicy, 'budget'> {
  /** Whether calls of a path may be made twice. */
  isIdempotent: (path: string) => boolean
}

type CreateCall = Parameters<Channel['createCall']>

/**
 * A channel that makes calls of idempotent methods again, also those that were cut after response headers, which the retry policy
 * of grpc-js never does. It has one budget of repeats. With `grpc.enable_retries` 0 nothing is repeated.
 */
export class RepeatingChannel extends Channel {
  readonly #isIdempotent: ChannelRepeats['isIdempotent']
  readonly #policy: RepetitionPolicy

  constructor(
    site: { target: string; credentials: ChannelCredentials },
    options: ChannelOptions,
    repeats: ChannelRepeats,
  ) {
    super(site.target, site.credentials, options)
    const { isIdempotent, ...policy } = repeats
    this.#isIdempotent = options['grpc.enable_retries'] === 0 ? () => false : isIdempotent
    this.#policy = { ...policy, budget: new RetryBudget() }
  }

  /** A call of grpc-js, with all its attempts. */
  override createCall(...how: CreateCall): ChannelCall {
    const [path, deadline, , parent, flags] = how
    const open = (): ChannelCall => super.createCall(...how)
    if (!this.#isIdempotent(path)) return open()
    const inherited = flags ?? propagate.DEFAULTS
    const parentsMs = parent && inherited & propagate.DEADLINE ? Number(parent.getDeadline()) : Number.POSITIVE_INFINITY
    const deadlineMs = Math.min(Number(deadline), parentsMs)
    const means = { open, repetition: new Repetition(this.#policy), deadlineMs }
    if (!parent || !(inherited & propagate.CANCELLATION)) return new RepeatingCall(means)
    // Attempts hear of it from grpc-js, the pauses between them do not.
    const onCancelled = (): void => call.cancelWithStatus(status.CANCELLED, 'Cancelled by parent call')
    const call = new RepeatingCall({ ...means, onEnd: () => parent.off('cancelled', onCancelled) })
    parent.once('cancelled', onCancelled)
    return call
  }
}
