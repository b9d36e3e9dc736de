import { knownFailuresOf } from '../conformance/known-failures.ts'
import { suites } from '../conformance/suites.ts'
import { ways } from '../conformance/ways.ts'
import type { Row } from './row.ts'

/** How often progress is told. */
export interface ConformanceOptions {
  onProgress?: (done: number, total: number) => void
}

/** The lines of a report that name a failed case. */
function failuresIn(report: string): string[] {
  return report.split('\n').filter((line) => line.startsWith('FAILED: '))
}

/** Cases of others that failed, over each way; what fails and is known to is said beside the figure, with its reason. */
export async function conformanceBench({ onProgress }: ConformanceOptions = {}): Promise<Row[]> {
  const rows: Row[] = []
  for (const suite of suites) {
    for (const way of ways) {
      const { cases, failed, knownFailures, report } = await suite.run(way)
      const reasons = knownFailuresOf(suite.key, way).map((known) => `${known.cases}: ${known.reason}`)
      const known = knownFailures === 0 ? [] : [`${knownFailures} known to fail`, ...reasons]
      const name = `${suite.name}, ${way.name}: failed`
      rows.push({
        name,
        value: failed,
        unit: 'cases',
        aim: 0,
        peer: [`of ${cases}`, ...known, ...failuresIn(report)].join('; '),
      })
      onProgress?.(rows.length, suites.length * ways.length)
    }
  }
  return rows
}
