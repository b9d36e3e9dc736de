import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig, serviceOptions } from '../../chassis/config.ts'
import type { Option, OptionTable } from '../../chassis/options.ts'
import { controlPlaneOptions, readControlPlaneConfig } from '../../control-plane/config.ts'
import { chartValues } from '../../helm/values-table.ts'
import { chartFolder, render } from './support/render.ts'
import type { Rendering } from './support/rendering.ts'
import { Schema, type SchemaNode } from './support/schema.ts'

/** Settings that pods get, but not from a value of their name; or that the chart leaves alone. */
const setByTheChart: Record<string, string> = {
  host: 'every address: the pod is reached from outside',
  podName: 'the name of the pod',
  processName: 'a pod has one process',
  tlsCertificate: 'a Secret, by tls.pods',
  tlsPrivateKey: 'a Secret, by tls.pods',
  tlsClientAuthorities: 'a Secret, by tls.pods',
  tlsClientNames: 'by tls.pods.clientNames',
  source: 'the Service of the release',
  port: 'one port of the Service',
  metricsPort: 'one port of the Service',
  healthPort: 'a port of the pod',
  balancing: 'by balancing.policy',
  zones: 'by balancing.zones',
  idempotent: 'by service.idempotent',
}

/** Settings that have another default in a pod than on one's own machine. */
const otherDefaults: Record<string, string> = {
  drainDelayMs: 'the preStop sleep has waited for the balancers already',
  drainTimeoutMs: 'so that the grace period is short: the longest call, and the delay',
}

const schema = new Schema(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'))
const values = new Map(chartValues().map((value) => [value.path, value.default]))
const parts = [
  { section: 'service', table: serviceOptions as OptionTable, deployment: 'evenkeel', read: readConfig },
  {
    section: 'controlPlane',
    table: controlPlaneOptions as OptionTable,
    deployment: 'evenkeel-control-plane',
    read: readControlPlaneConfig,
  },
]

test('every setting is a value of its name, or is said by the chart in another way', () => {
  const unnamed = parts.flatMap(({ section, table }) =>
    Object.keys(table).filter((name) => !values.has(`${section}.${name}`)),
  )
  assert.deepEqual(new Set(unnamed), new Set(Object.keys(setByTheChart)))
})

for (const { section, table, deployment, read } of parts) {
  const named = Object.entries(table).filter(([name]) => values.has(`${section}.${name}`))

  test(`values below ${section} have the bounds of the settings they are named after`, () => {
    assert.ok(named.length > 0)
    assert.deepEqual(
      named.map(([name]) => [name, boundsOf(schema.at(`${section}.${name}`))]),
      named.map(([name, option]) => [name, boundsOfSetting(option)]),
    )
  })

  test(`values below ${section} have the defaults of the settings they are named after, or a reason not to`, () => {
    const others = named
      .map(([name, option]) => ({ name, value: values.get(`${section}.${name}`), option }))
      .filter(({ value, option }) => value !== null && `${value as string | number | boolean}` !== option.default)
      .map(({ name }) => name)
    assert.deepEqual(others, section === 'service' ? Object.keys(otherDefaults) : [])
  })

  test(`pods of ${deployment} take the settings that the chart gives them`, () => {
    for (const rendering of [render(), render({ service: { workers: 1 }, tls: { pods: { enabled: true } } })]) {
      assert.ok(read({ argv: [], env: variablesOf(rendering, deployment) }))
    }
  })
}

/** What is taken: `1 to 512`, or words. */
function boundsOf({ type, enum: words, minimum, maximum }: SchemaNode = {}): string {
  if (type === 'boolean') return 'true or false'
  return words?.join(', ') ?? `${minimum} to ${maximum}`
}

/** The same of a setting, from what it says to nonsense. A port of 0 is any, which is none for a Service. */
function boundsOfSetting({ read }: Option<unknown>): string {
  const message = read.safeParse('nonsense').error?.issues[0]?.message ?? ''
  return message
    .replace(/^must be (?:a whole number from |one of )?/, '')
    .replace(/, or .+$/, '')
    .replace(/^0 to 65535$/, '1 to 65535')
}

/** The variables of a pod, as the kubelet fills them in. */
function variablesOf(rendering: Rendering, deployment: string): Record<string, string> {
  const container = rendering.pods().find(({ name }) => name === deployment)?.containers[0]
  return Object.fromEntries(container?.env?.map(({ name, value }) => [name, value ?? '1']) ?? [])
}
