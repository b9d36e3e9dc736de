import type { Way } from './ways.ts'

/** Cases that fail and are left to fail. A run fails for one that is not listed, and for one that is listed and passes. */
export interface KnownFailure {
  suite: 'connect' | 'go-client' | 'our-client'
  /** Where it fails. */
  ways: (way: Way) => boolean
  /** Name of the case; patterns of the suite of Connect may have `*` and `**`. */
  cases: string
  /** Why, and why it stays so. */
  reason: string
}

/** All of them. */
export const knownFailures: readonly KnownFailure[] = []

/** Those of one suite and way. */
export function knownFailuresOf(suite: KnownFailure['suite'], way: Way): KnownFailure[] {
  return knownFailures.filter((known) => known.suite === suite && known.ways(way))
}
