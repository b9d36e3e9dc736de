import { status } from '@grpc/grpc-js'
import { Claim } from './claim.ts'
import { EndpointLoad } from './endpoint-load.ts'

/**
 * Which endpoints are compared for a call: all (`full_scan`), or two at random (`two_choices`, M. Mitzenmacher, The Power of
 * Two Choices in Randomized Load Balancing, 2001).
 */
export type Selection = 'full_scan' | 'two_choices'

/** Chance and time, which tests give in their place. */
export interface Surroundings {
  /** From 0, below 1. */
  random: () => number
  nowMs: () => number
}

/** How a call ended. */
export interface CallEnding {
  code: status
  /** When the endpoint said to come back, in milliseconds from now. */
  pushbackMs?: number | undefined
}

/** How long a failure counts as an open call, in milliseconds, where the endpoint did not say when to come back. */
const failureCountsMs = 1000
/** The longest that one counts, whatever an endpoint says and however long calls take: then it is tried again. */
const longestFailureMs = 30_000
/** Answers over which the mean time of an answer is taken, about. */
const meanOver = 16

/** Ends that are, or may be, the fault of an endpoint. */
const faults = new Set<status>([
  status.UNAVAILABLE,
  status.RESOURCE_EXHAUSTED,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
  status.UNKNOWN,
])

/** The load of each endpoint by its address, and the choice of the least loaded. It outlives changes of the addresses. */
export class EndpointLoads {
  readonly #surroundings: Surroundings
  readonly #byAddress = new Map<string, EndpointLoad>()
  readonly #unbegun: Claim[] = []
  #picks = 0
  #answerMs = 0

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  /** The load of an endpoint, which is remembered. A new one is next, among several new ones in a random order. */
  of(address: string): EndpointLoad {
    const known = this.#byAddress.get(address)
    if (known) return known
    const load = new EndpointLoad(-this.#surroundings.random())
    this.#byAddress.set(address, load)
    return load
  }

  /** Forgets endpoints that are gone and have no call open. */
  forgetAllBut(addresses: ReadonlySet<string>): void {
    for (const [address, load] of this.#byAddress) {
      if (load.open === 0 && !addresses.has(address)) this.#byAddress.delete(address)
    }
  }

  /** The candidate that counts least; there must be one. */
  pick<Candidate extends { load: EndpointLoad }>(
    candidates: readonly [Candidate, ...Candidate[]],
    selection: Selection,
  ): Candidate {
    const nowMs = this.#surroundings.nowMs()
    const compared = selection === 'full_scan' ? candidates : this.#twoOf(candidates)
    let [least] = compared
    let count = least.load.count(nowMs)
    for (const candidate of compared) {
      const other = candidate.load.count(nowMs)
      if (other > count || (other === count && candidate.load.lastPick >= least.load.lastPick)) continue
      least = candidate
      count = other
    }
    this.#picks += 1
    least.load.lastPick = this.#picks
    return least
  }

  /** Counts a call for the endpoint that was picked for it; it lapses when it has not begun before this turn of the loop is over. */
  claim(load: EndpointLoad): Claim {
    const claim = new Claim(load)
    if (this.#unbegun.push(claim) === 1) {
      setImmediate(() => {
        for (const each of this.#unbegun.splice(0)) each.lapse()
      })
    }
    return claim
  }

  /** The call of a claim was sent. */
  begin(claim: Claim): void {
    claim.begin(this.#surroundings.nowMs())
  }

  /**
   * The call of a claim is over. By Little's law an endpoint whose failures count for no less time than answers take gets no
   * more than its share of calls, however fast it fails: so each counts at least as long as an answer takes on average.
   */
  end(claim: Claim, { code, pushbackMs }: CallEnding): void {
    claim.end()
    const nowMs = this.#surroundings.nowMs()
    if (code === status.OK) {
      const tookMs = nowMs - claim.begunAtMs
      this.#answerMs += (tookMs - this.#answerMs) / (this.#answerMs === 0 ? 1 : meanOver)
    } else if (faults.has(code)) {
      const countsMs = Math.max(pushbackMs ?? failureCountsMs, this.#answerMs, 1)
      claim.load.failed(nowMs, Math.min(countsMs, longestFailureMs))
    }
  }

  /** Two different ones where there are two. */
  #twoOf<Candidate>(candidates: readonly [Candidate, ...Candidate[]]): readonly [Candidate, ...Candidate[]] {
    const { random } = this.#surroundings
    const first = Math.floor(random() * candidates.length)
    const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length
    return [candidates[first] ?? candidates[0], candidates[second] ?? candidates[0]]
  }
}
