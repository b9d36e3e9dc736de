import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReport } from './connect/run.ts'
import { suites } from './suites.ts'
import { ways } from './ways.ts'

/** Fewer cases than on the day these were counted would mean that some are left out. */
const atLeast = { connect: 190, 'go-client': 17, 'our-client': 14 } as const

for (const { name, key, run } of suites) {
  for (const way of ways) {
    test(`${name}, ${way.name}: every case passes but those that are listed to fail`, async () => {
      const { cases, failed, report } = await run(way)
      assert.equal(failed, 0, report)
      assert.ok(cases >= atLeast[key], `${cases} cases`)
    })
  }
}

test('what could not run counts as failed, and a report without a case is none', () => {
  const report = [
    'Total cases: 9',
    '5 passed, 1 failed',
    'Another 2 could not be run due to client timing out or exiting prematurely.',
    '(Another 1 failed as expected due to being known failures/flakes.)',
  ].join('\n')
  assert.deepEqual(parseReport(report), { cases: 9, failed: 3, knownFailures: 1, report })
  assert.throws(() => parseReport('Total cases: 0\n0 passed, 0 failed'), /ran no case/)
})
