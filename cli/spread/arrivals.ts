import { createRandom } from './random.ts'

/** When calls are sent: evenly spaced, or at random like those of many independent callers. */
export type Arrivals = 'even' | 'poisson'

/** What a schedule is made of. */
export interface Schedule {
  /** Calls per second. */
  rate: number
  seconds: number
  arrivals: Arrivals
  /** Random arrivals are the same for the same seed. */
  seed: number
}

/** When each call is to be sent, in milliseconds from the start, ascending; all below `seconds`. */
export function* arrivalTimesMs({ rate, seconds, arrivals, seed }: Schedule): Generator<number, void> {
  const endMs = seconds * 1000
  if (arrivals === 'even') {
    const calls = Math.round(rate * seconds)
    for (let call = 0; call < calls; call += 1) yield (call * 1000) / rate
    return
  }
  const random = createRandom(seed)
  const gapMs = (): number => (-Math.log(1 - random()) * 1000) / rate
  for (let atMs = gapMs(); atMs < endMs; atMs += gapMs()) yield atMs
}
