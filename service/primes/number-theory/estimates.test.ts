import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateCheckMs, estimateFactorizeMs } from './estimates.ts'

test('estimates are positive, finite and never fall as numbers grow', () => {
  const sizes = Array.from({ length: 4096 }, (_, index) => index + 1)
  for (const estimate of [estimateCheckMs, (bits: number) => estimateFactorizeMs(Math.min(bits, 266))]) {
    const values = sizes.map(estimate)
    assert.ok(values.every((value, index) => Number.isFinite(value) && value > 0 && value >= (values[index - 1] ?? 0)))
  }
})
