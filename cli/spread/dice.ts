import { drawBinomial } from './binomial.ts'
import { createRandom } from './random.ts'

/** Throws that are simulated: the 99th percentile of this many is good to about one part in a hundred of its distance to 1. */
const runs = 10_000

/**
 * What fair dice do: the max/min of calls per pod that a random choice stays under in 99 of 100 runs with this many calls.
 * Infinite where more than one run in a hundred leaves a pod without any. Simulated with a fixed seed; takes milliseconds
 * for any number of calls.
 */
export function dice(calls: number, pods: number): number {
  if (pods < 2) return 1
  const random = createRandom(1)
  const ratios = new Float64Array(runs)
  for (let run = 0; run < runs; run += 1) {
    let [left, most, fewest] = [calls, 0, calls]
    for (let podsLeft = pods; podsLeft > 0; podsLeft -= 1) {
      const count = podsLeft === 1 ? left : drawBinomial(left, 1 / podsLeft, random)
      left -= count
      most = Math.max(most, count)
      fewest = Math.min(fewest, count)
    }
    ratios[run] = fewest === 0 ? Number.POSITIVE_INFINITY : most / fewest
  }
  return ratios.toSorted()[Math.ceil(runs * 0.99) - 1] as number
}
