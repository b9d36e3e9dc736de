import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Dependencies } from './dependencies.ts'
import { createRandomNumbers } from './random-numbers.ts'

function sumOf(rows: readonly (readonly number[])[]): number[] {
  const odd = new Set<number>()
  for (const column of rows.flat()) if (!odd.delete(column)) odd.add(column)
  return [...odd]
}

test('each reported set of rows sums to zero, and no more rows are kept than there are columns', () => {
  const seed = 60
  const random = createRandomNumbers(seed)
  for (const columns of [1, 31, 32, 33, 64, 100, 257]) {
    const dependencies = new Dependencies(columns)
    const kept: number[][] = []
    let found = 0
    for (let round = 0; round < columns + 50; round++) {
      const row = Array.from({ length: Number(random.below(12n)) }, () => Number(random.below(BigInt(columns))))
      const dependent = dependencies.add(row)
      if (dependent === undefined) kept.push(row)
      else assert.deepEqual(sumOf([row, ...dependent.map((number) => kept[number]!)]), [], `seed ${seed}`)
      found += dependent === undefined ? 0 : 1
    }
    assert.ok(kept.length <= columns && found >= 50, `${kept.length} kept, ${found} found of ${columns} columns`)
  }
})

test('a row without ones depends on nothing else', () => {
  const dependencies = new Dependencies(10)
  assert.deepEqual(dependencies.add([]), [])
  assert.deepEqual(dependencies.add([3, 3]), [])
  assert.equal(dependencies.add([3, 3, 3]), undefined)
  assert.deepEqual(dependencies.add([3]), [0])
})
