/** Width of a bucket, in milliseconds. */
export const bucketMs = 100

/** Numbers of calls in buckets of 100 ms, by when they were to be sent; sparse. */
export type Buckets = number[]

/** Counts a call in its bucket. */
export function countIn(buckets: Buckets, intendedMs: number): void {
  const bucket = Math.floor(intendedMs / bucketMs)
  buckets[bucket] = (buckets[bucket] ?? 0) + 1
}

/** With 0 where nothing was counted, up to the last that has something. */
export function filled(buckets: Buckets): number[] {
  return Array.from(buckets, (calls) => calls ?? 0)
}
