import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowOf } from './start-table.ts'

test('a row says what became of every call', () => {
  const summary = {
    callsPerPod: { 'replica-1': 540 },
    latencyMs: { p50: 5.04, p90: 9, p99: 20, p999: 30, max: 31 },
    refused: 58,
    lost: 2,
  }
  assert.deepEqual(rowOf('by call', summary, ['replica-1', 'replica-2']), [
    'by call',
    '540',
    '0',
    '5.0 ms',
    '20.0 ms',
    '58',
    '2',
  ])
})
