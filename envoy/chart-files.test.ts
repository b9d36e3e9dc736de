import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { evaluateTemplate } from '../test/support/evaluate-template.ts'
import { chartFiles } from './chart-files.ts'
import { envoyConfig } from './config.ts'

const folder = resolve(import.meta.dirname, '../helm/evenkeel/files')
const { 'envoy-defaults.yaml': defaults = '', 'envoy-xds.yaml': xds = '', 'envoy-dns.yaml': dns = '' } = chartFiles()

test("the chart's files are what `npm run generate:chart` makes of envoy.yaml now", () => {
  const names = readdirSync(folder).filter((name) => name.startsWith('envoy-'))
  const there = names.map((name) => [name, readFileSync(resolve(folder, name), 'utf8')])
  assert.deepEqual(Object.fromEntries(there), chartFiles())
})

test("the chart's configuration with the values of envoy.yaml is envoy.yaml", () => {
  assert.deepEqual(parse(evaluateTemplate(xds, parse(defaults))), parse(envoyConfig()))
})

test("the chart's configuration for DNS is that of `dns`, without a control plane", () => {
  const place = { ...parse(defaults), dns_name: 'replicas.', dns_port: 7 }
  const expected = envoyConfig({ dns: { host: 'replicas.', port: 7 } })
  assert.deepEqual(parse(evaluateTemplate(dns, place)), parse(expected))
  assert.doesNotMatch(dns, /control_plane|dynamic_resources: [^{]/)
})

test("the chart's files keep the comments of envoy.yaml", () => {
  const comments = (text: string) => [...text.matchAll(/(?<= )# (.+)/g)].map(([, comment = '']) => comment)
  const kept = comments(xds)
  // What is said within a value that the chart replaces goes with it.
  const gone = comments(envoyConfig()).filter((comment) => !kept.includes(comment))
  assert.deepEqual(gone, ['of all replicas the one with the fewest calls. Slow start would switch it off'])
})

test('every value that differs by place has a default, and is wanted by a file', () => {
  const wanted = [...`${xds}${dns}`.matchAll(/\{\{ \.(\w+) \| toJson \}\}/g)].map(([, name]) => name)
  assert.deepEqual(new Set(wanted), new Set(Object.keys(parse(defaults))))
})
