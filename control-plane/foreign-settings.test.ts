import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig, serviceOptions } from '../chassis/config.ts'
import { type OptionTable, variableOf } from '../chassis/options.ts'
import { controlPlaneOptions, readControlPlaneConfig } from './config.ts'

const environmentOf = (table: OptionTable): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([name, option]) => [variableOf(name), option.default]))

test('settings of a replica and of the control plane may stand in one environment', () => {
  const env = { ...environmentOf(serviceOptions), ...environmentOf(controlPlaneOptions) }
  assert.equal(readConfig({ argv: [], env }).queueLimit, 128)
  assert.equal(readControlPlaneConfig({ argv: [], env }).zones, 'ignore')
})
