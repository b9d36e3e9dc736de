import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { serviceOptions } from '../../chassis/config.ts'
import { errorTable } from '../../chassis/errors.ts'
import { flagOf, type OptionTable, variableOf } from '../../chassis/options.ts'
import { type MetricRow, metricTable } from '../../chassis/telemetry/metric-table.ts'
import { controlPlaneOptions } from '../../control-plane/config.ts'
import { controlPlaneMetrics } from '../../control-plane/metric-table.ts'
import { levels } from '../levels.ts'
import { section, tableRows } from './markdown.ts'
import { readTree } from './tree.ts'

/** A table of settings as documents write it. */
const settingRows = (table: OptionTable): string[][] =>
  Object.entries(table).map(([name, option]) => [
    `\`${flagOf(name)}\``,
    option.default === hostname() ? 'host name' : option.default || 'none',
    option.about,
  ])

/** A table of metrics as documents write it. */
const metricRows = (table: Record<string, MetricRow>): string[][] =>
  Object.values(table).map(({ name, kind, unit, attributes, description }) => [
    `\`${name}\``,
    `${kind.replace('_', ' ')}, ${unit}`,
    attributes.join(', '),
    description,
  ])

const rowsUnder = (heading: string): string[][] => tableRows(section(readTree('README.md'), heading))

test('the settings of chassis/README.md are those of a replica, with their defaults and meanings', () => {
  const stated = tableRows(section(readTree('chassis/README.md'), '## Settings'))
  assert.deepEqual(stated, settingRows(serviceOptions))
})

test("README's example of a variable is the variable of its flag", () => {
  assert.ok(
    section(readTree('README.md'), '## Settings').includes(
      `\`${flagOf('drainDelayMs')}\` is \`${variableOf('drainDelayMs')}\``,
    ),
  )
})

test("README's errors are those of the error table", () => {
  const rows = Object.entries(errorTable).map(([code, row]) => [
    `\`${code}\``,
    status[row.status],
    row.retry,
    row.meaning,
  ])
  assert.deepEqual(rowsUnder('## Errors'), rows)
})

test('the metrics of chassis/telemetry/README.md are those of the metric table', () => {
  const stated = tableRows(section(readTree('chassis/telemetry/README.md'), '## Metrics'))
  assert.deepEqual(stated, metricRows(metricTable))
})

test('the settings and metrics of control-plane/README.md are those of its tables', () => {
  const stated = (heading: string) => tableRows(section(readTree('control-plane/README.md'), heading))
  assert.deepEqual(stated('## Settings'), settingRows(controlPlaneOptions))
  assert.deepEqual(stated('## Metrics'), metricRows(controlPlaneMetrics))
})

test('test/README.md names every level of the tests', () => {
  const named = tableRows(readTree('test/README.md')).map(([name, about]) => [name, about])
  assert.deepEqual(
    named,
    levels.map(({ name, about }) => [`\`${name}\``, about]),
  )
})

test("SECURITY.md's limits that can be set have the defaults of a replica", () => {
  const rows = tableRows(section(readTree('SECURITY.md'), '## What is bounded'))
  const stated = rows.flatMap(([, bound, setting = '']) => {
    const [, flag] = /^`(--[a-z-]+)`$/.exec(setting) ?? []
    return flag === undefined ? [] : [[flag, bound?.replaceAll(/[^\d].*$/g, '')]]
  })
  const defaults = new Map<string, string>(
    Object.entries(serviceOptions).map(([name, option]) => [flagOf(name), option.default]),
  )
  assert.ok(stated.length > 0)
  assert.deepEqual(
    stated,
    stated.map(([flag]) => [flag, defaults.get(flag as string)]),
  )
})
