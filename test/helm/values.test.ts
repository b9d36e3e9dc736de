import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { chartValues, valuesTables, withTables } from '../../helm/values-table.ts'
import { nestedValues } from './support/nested-values.ts'
import { chartFolder, render } from './support/render.ts'
import type { Rendering } from './support/rendering.ts'
import { controlPlaneCases } from './values/control-plane.ts'
import { envoyCases } from './values/envoy.ts'
import { optionalCases } from './values/optional.ts'
import { releaseCases } from './values/release.ts'
import { serviceCases } from './values/service.ts'
import { tlsCases } from './values/tls.ts'

const values = chartValues()
const cases = { ...releaseCases, ...serviceCases, ...envoyCases, ...controlPlaneCases, ...tlsCases, ...optionalCases }

const defaults = render()

for (const [path, { says, set, given, ...seen }] of Object.entries(cases)) {
  test(`${path} ${says}`, () => {
    const { at, is } = { is: set, ...seen }
    const read = (rendering: Rendering): unknown => (typeof at === 'string' ? rendering.at(at) : at(rendering))
    assert.notDeepEqual(
      read(given === undefined ? defaults : render(nestedValues(given))),
      is,
      'it is so without the value',
    )
    assert.deepEqual(read(render(nestedValues({ ...given, [path]: set }))), is)
  })
}

test('every value is documented, and moves something that a test reads', (context) => {
  const paths = values.map(({ path }) => path)
  const documented = values.filter(({ meaning }) => meaning !== undefined)
  const covered = paths.filter((path) => path in cases)
  context.diagnostic(`${paths.length} values, ${documented.length} documented, ${covered.length} covered by a test`)
  assert.deepEqual(
    values.filter(({ meaning }) => meaning === undefined),
    [],
  )
  assert.deepEqual(Object.keys(cases).toSorted(), paths.toSorted())
})

test("the chart's README has the tables that `npm run generate:chart` makes of values.yaml now", () => {
  const readme = readFileSync(join(chartFolder, 'README.md'), 'utf8')
  assert.equal(readme, withTables(readme, valuesTables()))
})
