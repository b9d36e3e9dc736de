import { createRandom } from './random.ts'

/** Jobs by name with their shares, of any sum: `tiny`, `5ms`, or what a service knows beside these. */
export type JobMix = Readonly<Record<string, number>>

/** What `--job mix` is: 6.45 ms of computing on average, and a fiftieth of the calls takes a third of it. */
export const standardMix: JobMix = { '1ms': 70, '5ms': 25, '50ms': 5 }

/** The mix of a job's name: `mix`, or that job alone. */
export function mixOf(job: string): JobMix {
  return job === 'mix' ? standardMix : { [job]: 1 }
}

/** Milliseconds that a job's name stands for: 0 for `tiny`, 5 for `5ms`; undefined for other names. */
export function jobMs(job: string): number | undefined {
  if (job === 'tiny') return 0
  const [, ms] = /^(\d{1,5}(?:\.\d{1,3})?)ms$/.exec(job) ?? []
  return ms === undefined ? undefined : Number(ms)
}

/** Names of jobs, one after the other, drawn by their shares; the same ones for the same seed. */
export function* drawJobs(mix: JobMix, seed: number): Generator<string, never> {
  const names = Object.keys(mix)
  const shares = Object.values(mix)
  const total = shares.reduce((sum, share) => sum + share, 0)
  // A stream of its own: the gaps between random arrivals are drawn with the same seed.
  const random = createRandom(seed, 1)
  for (;;) {
    let rest = random() * total
    let chosen = names.length - 1
    for (const [index, share] of shares.entries()) {
      rest -= share
      if (rest >= 0) continue
      chosen = index
      break
    }
    yield names[chosen] as string
  }
}
