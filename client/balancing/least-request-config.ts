import type { experimental } from '@grpc/grpc-js'
import type { Selection } from './endpoint-loads.ts'

/** The name of the policy in service configs, and the end of its type URL in xDS. */
export const leastRequestName = 'evenkeel_least_request'

/**
 * The configuration of the policy: `{"selection": "full_scan"}`, the default, or `"two_choices"`. From xDS it comes as a
 * TypedStruct of the type `type.googleapis.com/evenkeel_least_request`.
 */
export class LeastRequestConfig implements experimental.TypedLoadBalancingConfig {
  readonly selection: Selection

  constructor(selection: Selection = 'full_scan') {
    this.selection = selection
  }

  /** Throws an `Error` for a selection that there is not. */
  static createFromJson(json: unknown): LeastRequestConfig {
    const selection = (json as { selection?: unknown } | null)?.selection ?? 'full_scan'
    if (selection === 'full_scan' || selection === 'two_choices') return new LeastRequestConfig(selection)
    throw new Error(`selection is ${JSON.stringify(selection)}; it must be "full_scan" or "two_choices"`)
  }

  getLoadBalancerName(): string {
    return leastRequestName
  }

  toJsonObject(): object {
    return { [leastRequestName]: { selection: this.selection } }
  }
}
