import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { serviceOptions } from '../chassis/config.ts'
import { envoyYaml } from '../envoy/config.ts'
import { endpointsYaml } from '../envoy/endpoints.ts'
import { defaultTag } from './build-image.ts'

const service = z.object({
  image: z.string(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  mem_limit: z
    .string()
    .regex(/^\d+m$/)
    .transform((text) => Number(text.slice(0, -1))),
  stop_grace_period: z.string().optional(),
  networks: z.object({ fleet: z.object({ ipv4_address: z.string() }) }),
})
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(read('compose.yaml'), { merge: true }))
const { envoy, ...replicas } = services

test('compose has three replicas and Envoy, of the images that `npm run image` makes', () => {
  assert.deepEqual(Object.keys(replicas), ['replica-1', 'replica-2', 'replica-3'])
  for (const { image } of Object.values(replicas)) assert.equal(image, defaultTag('primes'))
  assert.equal(envoy?.image, defaultTag('envoy'))
})

test('every container of compose has a read-only root, no capabilities and no way to new privileges', () => {
  for (const { read_only: readOnly, cap_drop: dropped, security_opt: options } of Object.values(services)) {
    assert.deepEqual(
      { readOnly, dropped, options },
      { readOnly: true, dropped: ['ALL'], options: ['no-new-privileges:true'] },
    )
  }
})

test('compose publishes the two ports of Envoy, on 127.0.0.1 only', () => {
  const [, grpc, , ready] = /port_value: &grpc_port (\d+)(.|\n)*port_value: &ready_port (\d+)/.exec(envoyYaml()) ?? []
  assert.deepEqual(envoy?.ports, [`127.0.0.1:8080:${grpc}`, `127.0.0.1:8081:${ready}`])
  for (const { ports } of Object.values(replicas)) assert.deepEqual(ports, [])
})

test('the endpoints that Envoy reads are the replicas of compose', () => {
  assert.deepEqual(envoy?.volumes, ['./compose:/etc/evenkeel:ro'])
  const port = Number(serviceOptions.port.default)
  const endpoints = Object.values(replicas).map(({ networks }) => ({ address: networks.fleet.ipv4_address, port }))
  assert.equal(read('compose/endpoints.yaml'), endpointsYaml(endpoints))
})

test('compose lets a replica drain before it is killed', () => {
  for (const { stop_grace_period: grace = '' } of Object.values(replicas)) {
    assert.match(grace, /^\d+s$/)
    assert.ok(Number(grace.slice(0, -1)) * 1000 > Number(serviceOptions.drainTimeoutMs.default))
  }
})

test('Envoy of compose may have 128 MiB beside the heap at which it refuses calls', () => {
  const [, bytes] = /max_heap_size_bytes: (\d+)/.exec(envoyYaml()) ?? []
  assert.equal(envoy?.mem_limit, Number(bytes) / 2 ** 20 + 128)
})
