import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { chartValues } from '../../helm/values-table.ts'
import { codeSpans } from '../docs/markdown.ts'
import { chartFolder, render } from './support/render.ts'

const contract = readFileSync(join(chartFolder, 'CONTRACT.md'), 'utf8')
const rendering = render(parse(readFileSync(join(chartFolder, 'ci/foreign-values.yaml'), 'utf8')))
const container = 'Deployment/evenkeel spec template spec containers service'

test('a foreign image is told its name and nothing else', () => {
  assert.deepEqual(rendering.at(`${container} env`), [
    { name: 'EVENKEEL_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ])
})

test('a foreign image is asked for its health by name on its one port, and lives while it answers at all', () => {
  assert.deepEqual(rendering.at(`${container} ports`), [{ name: 'grpc', containerPort: 50051 }])
  const named = { port: 50051, service: 'foreign.v1.CollatzService' }
  assert.deepEqual(rendering.at(`${container} startupProbe grpc`), named)
  assert.deepEqual(rendering.at(`${container} readinessProbe grpc`), named)
  assert.deepEqual(rendering.at(`${container} livenessProbe grpc`), { port: 50051, service: '' })
  const check = 'static_resources clusters replicas health_checks 0 grpc_health_check service_name'
  assert.equal(rendering.inEnvoy(check), named.service)
})

test('`helm test` loads a foreign image by its own method, and Envoy says who answered', () => {
  const args = rendering.at('Pod/evenkeel-test-distribution spec containers distribution args') as string[]
  const load = ['--call', 'foreign.v1.CollatzService/Longest', '--data', '{"value": 3000}']
  assert.ok(args.join(' ').includes([...load, '--identify-by', 'header:evenkeel-endpoint'].join(' ')), args.join(' '))
  const headers = 'static_resources listeners grpc filter_chains 0 filters 0 typed_config route_config virtual_hosts 0'
  assert.equal(rendering.inEnvoy(`${headers} response_headers_to_add 0 header key`), 'evenkeel-endpoint')
})

test('every value that the contract names is one of the chart', () => {
  const known = chartValues().map(({ path }) => path)
  const named = codeSpans(contract).filter((span) => /^(service|envoy|tls|test)\.[\w.]+$/.test(span))
  assert.ok(named.length > 10)
  assert.deepEqual(
    named.filter((span) => !known.some((path) => path === span || path.startsWith(`${span}.`))),
    [],
  )
})
