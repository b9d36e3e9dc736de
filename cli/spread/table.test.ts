import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barOf, tableOf } from './table.ts'

test('columns are as wide as their widest cell, numbers stand on the right', () => {
  const columns = [{ title: 'pod' }, { title: 'calls', right: true }, { title: '' }]
  assert.equal(
    tableOf(columns, [
      ['pod-1', '7', '██'],
      ['p', '1000000', ''],
    ]),
    'pod      calls\npod-1        7  ██\np      1000000',
  )
})

test('a bar is exact to an eighth of a character', () => {
  assert.deepEqual(
    [barOf(8, 8, 4), barOf(4, 8, 4), barOf(1, 32, 4), barOf(0, 8, 4), barOf(0, 0, 4)],
    ['████', '██', '▏', '', ''],
  )
})
