/** How often and how long a worker went on with a task whose call was over. */
export interface Stops {
  count: number
  wastedMs: number
  /** Upper bound of the bucket that holds the 99th percentile, in milliseconds. */
  p99Ms: number
}

/** Reads the histogram `evenkeel_compute_wasted` of a replica's metrics page; all zero while nothing was stopped. */
export function stopsOf(page: string): Stops {
  const numbers = (name: string): { le: number; value: number }[] =>
    [...page.matchAll(new RegExp(`^evenkeel_compute_wasted_${name}(?:\\{(.*?)\\})? (\\S+)`, 'gm'))].map(
      ([, labels, value]) => ({
        le: Number((/le="([^"]+)"/.exec(labels ?? '')?.[1] ?? '0').replace('+Inf', 'Infinity')),
        value: Number(value),
      }),
    )
  const count = numbers('count')[0]?.value ?? 0
  const p99 = numbers('bucket').find(({ value }) => value >= 0.99 * count)
  return { count, wastedMs: 1000 * (numbers('sum')[0]?.value ?? 0), p99Ms: 1000 * (p99?.le ?? 0) }
}
