/** What came of one suite over one way. */
export interface Outcome {
  cases: number
  /** Cases that failed and are not listed, or are listed and passed, or could not run. */
  failed: number
  /** Cases that failed as listed. */
  knownFailures: number
  /** What was said of those that failed. */
  report: string
}
