import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { serviceOptions } from '../chassis/config.ts'
import { controlPlaneOptions } from '../control-plane/config.ts'
import { servicesFromText } from '../control-plane/sources/endpoint-file.ts'
import { envoyYaml } from '../envoy/template.ts'
import { defaultTag } from './build-image.ts'

const service = z.object({
  image: z.string(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  depends_on: z.array(z.string()).default([]),
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
const { envoy, 'control-plane': controlPlane, ...replicas } = services

test('compose has three replicas, Envoy and a control plane, of the images that `npm run image` makes', () => {
  assert.deepEqual(Object.keys(replicas), ['replica-1', 'replica-2', 'replica-3'])
  for (const { image } of Object.values(replicas)) assert.equal(image, defaultTag('primes'))
  assert.equal(envoy?.image, defaultTag('envoy'))
  assert.equal(controlPlane?.image, defaultTag('control-plane'))
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
  const published = Object.keys(services).filter((name) => services[name]?.ports.length !== 0)
  assert.deepEqual(published, ['envoy'])
})

test('Envoy asks the control plane of compose, and is started after all that it needs', () => {
  const [, host, port] = /&control_plane_host (\S+), .*&control_plane_port (\d+)/.exec(envoyYaml()) ?? []
  assert.deepEqual([host, port], ['control-plane', controlPlaneOptions.port.default])
  assert.deepEqual(envoy?.depends_on, ['control-plane', ...Object.keys(replicas)])
})

test('the endpoints that the control plane reads are the replicas of compose, by the name that Envoy asks for', () => {
  assert.deepEqual(controlPlane?.volumes, ['./compose:/etc/evenkeel:ro'])
  assert.deepEqual(controlPlane?.command, ['--source=file:/etc/evenkeel/endpoints.yaml'])
  const [, name] = /service_name: &service (\S+)/.exec(envoyYaml()) ?? []
  const port = Number(serviceOptions.port.default)
  const endpoints = Object.values(replicas).map(({ networks }) => ({
    address: networks.fleet.ipv4_address,
    port,
    state: 'ready',
  }))
  assert.deepEqual(servicesFromText(read('compose/endpoints.yaml')), new Map([[name, endpoints]]))
})

test('compose lets a replica drain before it is killed', () => {
  for (const { stop_grace_period: grace = '' } of Object.values(replicas)) {
    assert.match(grace, /^\d+s$/)
    assert.ok(Number(grace.slice(0, -1)) * 1000 > Number(serviceOptions.drainTimeoutMs.default))
  }
})

test('Envoy of compose may have 128 MiB beside the heap at which it refuses calls', () => {
  const [, bytes] = /max_heap_size_bytes: &max_heap_bytes (\d+)/.exec(envoyYaml()) ?? []
  assert.equal(envoy?.mem_limit, Number(bytes) / 2 ** 20 + 128)
})
