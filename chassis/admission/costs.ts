import { Cost } from './cost.ts'

/** Guess for tasks of which nothing is known, in milliseconds. */
const unknownMs = 10
/** Bounds of the guesses that are told apart, as powers of two: a microsecond, and 12 days. */
const [leastPower, mostPower] = [-10, 30]

/**
 * What tasks cost, by name and by size of the operand. The workload says the size as its own guess of the time (`expectedMs`):
 * what tasks of one guess really take is learned for each half of a doubling apart, so a guess may be wrong by any factor.
 */
export class Costs {
  readonly #costs = new Map<string, (Cost | undefined)[]>()

  /** The cost of tasks called `task` with this guess in milliseconds. */
  of(task: string, guessMs: number | undefined): Cost {
    let ofTask = this.#costs.get(task)
    if (ofTask === undefined) this.#costs.set(task, (ofTask = []))
    const size = sizeOf(guessMs)
    return (ofTask[size] ??= new Cost(size === 0 ? unknownMs : (guessMs as number)))
  }
}

/** Which half of a doubling the guess lies in; 0 when there is none. */
function sizeOf(guessMs: number | undefined): number {
  if (guessMs === undefined || !(guessMs > 0)) return 0
  const power = Math.min(Math.max(Math.log2(guessMs), leastPower), mostPower)
  return 1 + Math.round(2 * (power - leastPower))
}
