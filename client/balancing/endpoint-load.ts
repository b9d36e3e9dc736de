/**
 * How busy one caller has an endpoint: its calls that are not over, and what its failures still count for. An endpoint that
 * fails at once has few calls open, and would be sent everything; so a failure goes on counting as an open call for a while.
 */
export class EndpointLoad {
  /** Calls that are not over, with those it was picked for and that have not begun. */
  open = 0
  /** When it was last picked: the number of that pick. Of endpoints with equal counts the one that waits longest is next. */
  lastPick: number
  #failures = 0
  #failuresAtMs = 0
  #halfLifeMs = 1

  /** `lastPick` is negative until the first pick. */
  constructor(lastPick: number) {
    this.lastPick = lastPick
  }

  /** What is compared: open calls, and failures that are not forgotten. */
  count(nowMs: number): number {
    if (this.#failures === 0) return this.open
    const failures = Math.round(this.#failuresNow(nowMs))
    if (failures === 0) this.#failures = 0
    return this.open + failures
  }

  /**
   * A call failed by the endpoint's fault. One failure counts as one call for `halfLifeMs`. What many count for halves in that
   * time: on average each counts a little longer, and no list of them is needed.
   */
  failed(nowMs: number, halfLifeMs: number): void {
    this.#failures = this.#failuresNow(nowMs) + 1
    this.#failuresAtMs = nowMs
    this.#halfLifeMs = halfLifeMs
  }

  #failuresNow(nowMs: number): number {
    return this.#failures * 0.5 ** ((nowMs - this.#failuresAtMs) / this.#halfLifeMs)
  }
}
