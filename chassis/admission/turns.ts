/** What one call has: how many more may go on now, and who waits, the first first. */
interface Line {
  free: number
  readonly waiting: (() => void)[]
}

/**
 * Lets at most `limit` tasks of one call be under way at once, and the others of the call go on in the order in which they
 * came. Nobody is taken out of a line: whoever was given up meanwhile gets a turn and gives it back at once.
 */
export class Turns {
  readonly #limit: number
  readonly #lines = new WeakMap<AbortSignal, Line>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Runs `run` when it is its turn among those with the same `call`, which is known by its signal. */
  async take<T>(call: AbortSignal, run: () => Promise<T>): Promise<T> {
    const line = this.#lineOf(call)
    if (line.free > 0) line.free -= 1
    else await new Promise<void>((resolve) => line.waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = line.waiting.shift()
      if (next === undefined) line.free += 1
      else next()
    }
  }

  #lineOf(call: AbortSignal): Line {
    let line = this.#lines.get(call)
    if (line === undefined) {
      line = { free: this.#limit, waiting: [] }
      this.#lines.set(call, line)
    }
    return line
  }
}
