import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { chartValues } from '../../helm/values-table.ts'
import { nestedValues } from './support/nested-values.ts'
import { chartFolder, render, renderError } from './support/render.ts'
import { Schema } from './support/schema.ts'

const schema = new Schema(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'))
const paths = chartValues().map(({ path }) => path)
const parents = paths.flatMap((path) => path.split('.').map((_, at, steps) => steps.slice(0, at).join('.')))
const sections = [...new Set(parents)]

for (const section of sections) {
  test(`a key that ${section || 'the chart'} does not have is refused by its name`, () => {
    const values = nestedValues({ [section === '' ? 'nonsense' : `${section}.nonsense`]: 1 })
    assert.match(renderError(values), /additional properties 'nonsense' not allowed/)
  })
}

test('every value is in the schema, and what is in the schema is a value', () => {
  const bounded = schema.leaves((path) => paths.includes(path))
  // Parent charts hand `global` down to all of theirs.
  assert.deepEqual(bounded.toSorted(), [...paths, 'global'].toSorted())
})

test('the schema bounds every number, and says the type of everything', () => {
  const loose = paths.filter((path) => {
    const { type, enum: words, minimum, maximum } = schema.at(path) ?? {}
    const types = [type].flat()
    const number = types.includes('integer') || types.includes('number')
    const typed = types[0] !== undefined || words !== undefined || schema.at(path)?.oneOf !== undefined
    return !typed || (number && (minimum === undefined || maximum === undefined))
  })
  assert.deepEqual(loose, [])
})

test('values of a parent chart that all charts share are taken', () => {
  assert.ok(render({ global: { anything: 1 } }).objects.length > 0)
})
