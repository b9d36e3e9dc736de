import assert from 'node:assert/strict'
import { test } from 'node:test'
import { availableMemoryBytes, heapLimitMb } from './heap-limit.ts'

const megabyte = 1024 * 1024

test('threads share three quarters of the memory', () => {
  assert.equal(heapLimitMb(2, 512 * megabyte), 192)
  assert.equal(heapLimitMb(4, 2048 * megabyte), 384)
})

test('a thread gets no less than it needs to start, and no more than a sound task needs', () => {
  assert.equal(heapLimitMb(8, 128 * megabyte), 64)
  assert.equal(heapLimitMb(1, 64_000 * megabyte), 1024)
})

test('the memory of this process is finite', () => {
  assert.ok(availableMemoryBytes() > 0 && Number.isFinite(availableMemoryBytes()))
})
