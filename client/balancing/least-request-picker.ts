import { experimental, type Metadata, type status } from '@grpc/grpc-js'
import type { EndpointLoad } from './endpoint-load.ts'
import type { EndpointLoads, Selection } from './endpoint-loads.ts'

/** An endpoint, its connection and its load. */
export interface Member {
  leaf: experimental.LeafLoadBalancer
  load: EndpointLoad
}

/** What the picker chooses from, and how. */
export interface PickerOptions {
  /** Endpoints whose connection stands. */
  ready: readonly [Member, ...Member[]]
  loads: EndpointLoads
  selection: Selection
}

/** Sends each call to the ready endpoint with the least load, and counts it there until it is over. */
export class LeastRequestPicker implements experimental.Picker {
  readonly #options: PickerOptions

  constructor(options: PickerOptions) {
    this.#options = options
  }

  pick(args: experimental.PickArgs): experimental.PickResult {
    const { ready, loads, selection } = this.#options
    const { leaf, load } = loads.pick(ready, selection)
    const picked = leaf.getPicker().pick(args)
    if (picked.pickResultType !== experimental.PickResultType.COMPLETE) return picked
    const claim = loads.claim(load)
    return {
      ...picked,
      onCallStarted: () => {
        loads.begin(claim)
        picked.onCallStarted?.()
      },
      onCallEnded: (code: status, details: string, trailers: Metadata) => {
        loads.end(claim, { code, pushbackMs: pushbackMsOf(trailers) })
        picked.onCallEnded?.(code, details, trailers)
      },
    }
  }
}

/** Undefined where the endpoint does not say when to come back, or says never (a negative number). */
function pushbackMsOf(trailers: Metadata): number | undefined {
  const [text] = trailers.get('grpc-retry-pushback-ms')
  const ms = text === undefined ? Number.NaN : Number(text)
  return ms >= 0 ? ms : undefined
}
