/** Lines of one kind within one second. */
interface Second {
  endsAtMs: number
  logged: number
  suppressed: number
}

/**
 * Bounds how often the same kind of line is logged, so that a flood of errors costs neither the disk nor the gRPC thread.
 * What was left out is said with the next line of its kind.
 */
export class LogBudget {
  readonly #linesPerSecond: number
  readonly #seconds = new Map<string, Second>()

  constructor(linesPerSecond: number) {
    this.#linesPerSecond = linesPerSecond
  }

  /**
   * Asks for one line of a kind at `nowMs` (any clock, milliseconds). Returns how many lines of the kind were left out since
   * the last one, or undefined when this one is to be left out. Kinds are kept for ever: they must be few.
   */
  take(kind: string, nowMs: number): number | undefined {
    const second = this.#seconds.get(kind)
    if (!second || nowMs >= second.endsAtMs) {
      this.#seconds.set(kind, { endsAtMs: nowMs + 1000, logged: 1, suppressed: 0 })
      return second?.suppressed ?? 0
    }
    if (second.logged >= this.#linesPerSecond) {
      second.suppressed += 1
      return undefined
    }
    second.logged += 1
    return 0
  }
}
