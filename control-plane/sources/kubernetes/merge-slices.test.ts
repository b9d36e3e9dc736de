import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readyAt, sliceOf, terminatingAt, unreadyAt } from '../../../test/support/slices.ts'
import type { Endpoint } from '../source.ts'
import { type MergedSlices, mergeSlices, type Wanted } from './merge-slices.ts'
import type { Slice, SliceEndpoint } from './slice.ts'

const merge = (slices: Slice[], wanted: Partial<Wanted> = {}): MergedSlices =>
  mergeSlices(slices, { addressType: 'any', ...wanted })

const stateOf = (conditions: SliceEndpoint['conditions']): string | undefined =>
  merge([sliceOf('a', [{ addresses: ['10.0.0.1'], conditions }])]).endpoints[0]?.state

const at = (address: string, changes: Partial<Endpoint> = {}): Endpoint => ({
  address,
  port: 50051,
  state: 'ready',
  zone: undefined,
  ...changes,
})

test('250 endpoints in three slices are one list', () => {
  const endpoints = Array.from({ length: 250 }, (_, index) => readyAt(`10.0.${index >> 8}.${index & 255}`))
  const slices = [endpoints.slice(0, 100), endpoints.slice(100, 200), endpoints.slice(200)].map((some, index) =>
    sliceOf(`s${index}`, some),
  )
  const merged = merge(slices)
  assert.equal(merged.endpoints.length, 250)
  assert.equal(merged.problem, undefined)
})

test('conditions make a state; those that are missing mean ready', () => {
  assert.equal(stateOf({ ready: true, serving: true, terminating: false }), 'ready')
  assert.equal(stateOf({ ready: null }), 'ready')
  assert.equal(stateOf({}), 'ready')
  assert.equal(stateOf(null), 'ready')
  assert.equal(stateOf({ ready: false, serving: true, terminating: true }), 'terminating')
  assert.equal(stateOf({ ready: false, serving: false, terminating: true }), 'unready')
  assert.equal(stateOf({ ready: false, terminating: true }), 'unready')
  assert.equal(stateOf({ ready: false, serving: false }), 'unready')
})

test('ready of a Service that publishes addresses which are not ready counts for nothing alone', () => {
  assert.equal(stateOf({ ready: true, serving: false, terminating: false }), 'unready')
  assert.equal(stateOf({ ready: true, serving: true, terminating: true }), 'terminating')
})

test('of an endpoint in two slices the best state counts', () => {
  const slices = [sliceOf('a', [terminatingAt('10.0.0.1')]), sliceOf('b', [unreadyAt('10.0.0.1')])]
  assert.deepEqual(merge(slices).endpoints, [at('10.0.0.1', { state: 'terminating' })])
  assert.deepEqual(merge(slices.toReversed()).endpoints, [at('10.0.0.1', { state: 'terminating' })])
})

test('of an endpoint in two slices in one state the newer slice counts', () => {
  const metadata = { name: 'a', resourceVersion: '1', creationTimestamp: '2026-02-01T00:00:00Z' }
  const newer = sliceOf('a', [readyAt('10.0.0.1', { zone: 'new' })], { metadata })
  const older = sliceOf('b', [readyAt('10.0.0.1', { zone: 'old' })])
  assert.deepEqual(merge([newer, older]).endpoints, [at('10.0.0.1', { zone: 'new' })])
  assert.deepEqual(merge([older, newer]).endpoints, [at('10.0.0.1', { zone: 'new' })])
})

test('of two families IPv4 counts, and the other where it was chosen or is the only one', () => {
  const ipv4 = sliceOf('a', [readyAt('10.0.0.1')])
  const ipv6 = sliceOf('b', [readyAt('2001:DB8::1')], { addressType: 'IPv6' })
  assert.deepEqual(merge([ipv4, ipv6]).endpoints, [at('10.0.0.1')])
  assert.deepEqual(merge([ipv4, ipv6], { addressType: 'ipv6' }).endpoints, [at('2001:db8::1')])
  assert.deepEqual(merge([ipv6]).endpoints, [at('2001:db8::1')])
  assert.deepEqual(merge([sliceOf('a', []), ipv6]).endpoints, [at('2001:db8::1')])
})

test('a family that was chosen and is not there is a problem, and no emptiness', () => {
  const { endpoints, problem } = merge([sliceOf('a', [readyAt('10.0.0.1')])], { addressType: 'ipv6' })
  assert.deepEqual(endpoints, [])
  assert.match(problem ?? '', /there are no ipv6 endpoints, but others/)
})

test('no slices, and slices without endpoints, are emptiness without a problem', () => {
  assert.deepEqual(merge([]), { endpoints: [], problem: undefined })
  assert.deepEqual(merge([{ ...sliceOf('a', []), ports: null }]), { endpoints: [], problem: undefined })
  assert.deepEqual(merge([{ ...sliceOf('a', []), endpoints: null }], { portName: 'grpc' }), {
    endpoints: [],
    problem: undefined,
  })
})

test('a port is taken by its name, which each slice may give another number', () => {
  const metrics = { name: 'metrics', port: 9464, protocol: 'TCP' }
  const slices = [
    sliceOf('a', [readyAt('10.0.0.1')], { ports: [{ name: 'grpc', port: 50051 }, metrics] }),
    sliceOf('b', [readyAt('10.0.0.2')], { ports: [{ name: 'grpc', port: 50061 }, metrics] }),
  ]
  assert.deepEqual(merge(slices, { portName: 'grpc' }).endpoints, [at('10.0.0.1'), at('10.0.0.2', { port: 50061 })])
})

test('the only TCP port is taken without a name', () => {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: null, port: 50051 },
  ]
  assert.deepEqual(merge([sliceOf('a', [readyAt('10.0.0.1')], { ports })]).endpoints, [at('10.0.0.1')])
})

test('a port that cannot be told is a problem that names those there are', () => {
  const ports = [
    { name: 'grpc', port: 50051 },
    { name: 'metrics', port: 9464 },
  ]
  const slice = sliceOf('a', [readyAt('10.0.0.1')], { ports })
  assert.match(
    merge([slice]).problem ?? '',
    /^slice a: no one TCP port to take, its ports are: "grpc", "metrics"; write/,
  )
  assert.match(
    merge([slice], { portName: 'http' }).problem ?? '',
    /no TCP port "http", its ports are: "grpc", "metrics"/,
  )
  assert.match(merge([{ ...slice, ports: null }]).problem ?? '', /its ports are: none/)
  assert.match(merge([{ ...slice, ports: [{ name: 'grpc' }] }]).problem ?? '', /its ports are: none/)
})

test('what is usable counts beside what is not', () => {
  const fqdn = sliceOf('a', [readyAt('evenkeel.example')], { addressType: 'FQDN' })
  const odd = sliceOf('c', [readyAt('nowhere')])
  const { endpoints, problem } = merge([fqdn, sliceOf('b', [readyAt('10.0.0.1')]), odd])
  assert.deepEqual(endpoints, [at('10.0.0.1')])
  assert.match(problem ?? '', /slice a: addressType FQDN is ignored.*; slice c: "nowhere" is no IP address/)
})

test('of many problems three are said', () => {
  const slices = Array.from({ length: 50 }, (_, index) => sliceOf(`s${index}`, [readyAt('x')]))
  assert.match(merge(slices).problem ?? '', /; and 47 more$/)
})
