import type { KnownFailure } from '../known-failures.ts'
import type { Outcome } from '../outcome.ts'

/** Runs cases one after the other, each of which throws when it fails, and compares what failed with what is known to fail. */
export async function runCases(
  names: readonly string[],
  run: (name: string) => Promise<void>,
  known: readonly KnownFailure[],
): Promise<Outcome> {
  const said: string[] = []
  let knownFailures = 0
  for (const name of names) {
    const listed = known.find(({ cases }) => cases === name)
    const failure = await run(name).then(
      () => undefined,
      (error: unknown) => String(error),
    )
    if (failure !== undefined && listed) knownFailures += 1
    else if (failure !== undefined) said.push(`FAILED: ${name}: ${failure}`)
    else if (listed) said.push(`FAILED: ${name}: passed, and is listed to fail: ${listed.reason}`)
  }
  return { cases: names.length, failed: said.length, knownFailures, report: said.join('\n') }
}
