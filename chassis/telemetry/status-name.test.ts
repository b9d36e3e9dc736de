import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusName } from './status-name.ts'

test('a status has its official name', () => {
  assert.deepEqual([0, 4, 8, 13].map(statusName), ['OK', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'INTERNAL'])
})

test('a status that gRPC does not define is its number', () => {
  assert.equal(statusName(99), '99')
})
