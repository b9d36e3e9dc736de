import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identifyByFrom } from './identify-by.ts'

test('a name is looked for in trailers or headers, in lower case as metadata has it', () => {
  assert.deepEqual(identifyByFrom('trailer:X-Pod'), { part: 'trailer', name: 'x-pod' })
  assert.deepEqual(identifyByFrom('header:x_pod.1'), { part: 'header', name: 'x_pod.1' })
})

test('other text says nothing', () => {
  assert.deepEqual(['x-pod', 'trailer:', 'footer:x', 'header:x pod'].map(identifyByFrom), Array.from({ length: 4 }))
})
