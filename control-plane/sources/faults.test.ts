import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOf } from './faults.ts'

test('a fault says its source and what went wrong, whatever was thrown', () => {
  assert.equal(faultOf('file:a', new Error('no such file')).message, 'file:a: no such file')
  assert.equal(faultOf('file:a', new TypeError()).message, 'file:a: TypeError')
  assert.equal(faultOf('file:a', 'no such file').message, 'file:a: no such file')
})

test('a connection that failed to each address of a name says how', () => {
  const errors = [new Error('connect ECONNREFUSED ::1:6443'), new Error('connect ECONNREFUSED 127.0.0.1:6443')]
  assert.equal(
    faultOf('kubernetes:a', new AggregateError(errors)).message,
    'kubernetes:a: connect ECONNREFUSED ::1:6443, connect ECONNREFUSED 127.0.0.1:6443',
  )
})
