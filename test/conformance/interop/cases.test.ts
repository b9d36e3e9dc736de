import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCases } from './cases.ts'

const known = [{ suite: 'go-client', ways: () => true, cases: 'bad', reason: 'it is' }] as const
const failing = async (name: string): Promise<void> => {
  if (name !== 'good') throw new Error(`${name} does not work`)
}

test('a case that fails as it is listed is no failure', async () => {
  assert.deepEqual(await runCases(['good', 'bad'], failing, known), {
    cases: 2,
    failed: 0,
    knownFailures: 1,
    report: '',
  })
})

test('a case that fails and is not listed is a failure, and so is one that is listed and passes', async () => {
  const unlisted = await runCases(['good', 'worse'], failing, known)
  assert.deepEqual([unlisted.failed, unlisted.report], [1, 'FAILED: worse: Error: worse does not work'])
  const passing = await runCases(['bad'], async () => {}, known)
  assert.deepEqual([passing.failed, passing.report], [1, 'FAILED: bad: passed, and is listed to fail: it is'])
})
