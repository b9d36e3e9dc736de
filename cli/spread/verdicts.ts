import type { Summary } from './summarize.ts'

/** What a load must keep to. */
export interface Bounds {
  /** At least this many pods answer. */
  expectPods?: number
  /** Most over fewest calls per pod; `dice` is what fair dice stay under in 99 of 100 runs. */
  maxSpread?: number | 'dice'
  maxLost?: number
}

/** One bound, and whether it was kept. */
export interface Verdict {
  kept: boolean
  text: string
}

/** Judges each bound that was given. A load without an answer, or lighter than asked for, is bad whatever the bounds. */
export function judge(summary: Summary, { expectPods, maxSpread, maxLost }: Bounds): Verdict[] {
  const { ok, sent, notSent, callsPerPod, maxOverMin, diceP99, lost, cut } = summary
  const verdicts: Verdict[] = []
  const add = (kept: boolean, text: string): void => void verdicts.push({ kept, text })
  if (ok === 0) add(false, `none of ${sent} calls was answered`)
  if (notSent > 0)
    add(false, `${notSent} calls were not sent, too many were in flight: the load was lighter than asked for`)
  if (expectPods !== undefined) {
    const answering = Object.values(callsPerPod).filter((calls) => calls > 0).length
    add(answering >= expectPods, `pods that answered ${answering}, at least ${expectPods}`)
  }
  if (maxSpread !== undefined) {
    const bound = maxSpread === 'dice' ? diceP99 : maxSpread
    const name = maxSpread === 'dice' ? 'as fair dice at most' : 'at most'
    add(maxOverMin <= bound, `max/min of calls per pod ${ratio(maxOverMin)}, ${name} ${ratio(bound)}`)
  }
  if (maxLost !== undefined) {
    const ofThem = cut > 0 ? ` (${cut} of them cut between headers and trailers)` : ''
    add(lost <= maxLost, `calls lost ${lost}${ofThem}, at most ${maxLost}`)
  }
  return verdicts
}

/** A ratio with three digits after the point; an infinite one as a word. */
export function ratio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : 'infinite'
}
