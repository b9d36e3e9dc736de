import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servicesFromText } from './endpoint-file.ts'

const endpoints = (list: string): unknown => servicesFromText(`services: { evenkeel: ${list} }`).get('evenkeel')

test('endpoints are read in their long and their short form', () => {
  assert.deepEqual(
    endpoints(
      '["10.0.0.1:50051", {address: 10.0.0.2, port: 50051, state: terminating, zone: a}, "[2001:DB8::1]:50051"]',
    ),
    [
      { address: '10.0.0.1', port: 50051, state: 'ready' },
      { address: '10.0.0.2', port: 50051, state: 'terminating', zone: 'a' },
      { address: '2001:db8::1', port: 50051, state: 'ready' },
    ],
  )
})

test('JSON is read as YAML is', () => {
  assert.deepEqual(
    servicesFromText('{"services": {"a": [], "b": ["10.0.0.1:1"]}}'),
    new Map([
      ['a', []],
      ['b', [{ address: '10.0.0.1', port: 1, state: 'ready' }]],
    ]),
  )
})

test('an endpoint that is given twice counts once, in its best state', () => {
  assert.deepEqual(endpoints('[{address: 10.0.0.1, port: 1, state: unready}, "10.0.0.1:1"]'), [
    { address: '10.0.0.1', port: 1, state: 'ready' },
  ])
})

test('all that is wrong is said at once, with its place', () => {
  const text = `
services:
  "a b": []
  evenkeel:
    - 10.0.0.1
    - { address: evenkeel.example, port: 0 }
    - { address: 10.0.0.2, port: 50051, state: gone, weight: 2 }
cluster: x`
  assert.throws(
    () => servicesFromText(text),
    (error: Error) => {
      for (const said of [
        /services\.a b: a service name has 1 to 253/,
        /services\.evenkeel\.0: "10\.0\.0\.1" is no IP address with a port, such as/,
        /services\.evenkeel\.1\.address: "evenkeel\.example" is no IP address; for names use a dns: source/,
        /services\.evenkeel\.1\.port: is below 1/,
        /services\.evenkeel\.2\.state: must be ready, terminating or unready/,
        /services\.evenkeel\.2: .*"weight"/,
        /the file: .*"cluster"/,
      ]) {
        assert.match(error.message, said)
      }
      return true
    },
  )
})

test('an address and port that are not written apart are refused', () => {
  for (const wrong of ['::1:50051', '[10.0.0.1]:50051', '10.0.0.1:', '10.0.0.1:65536', ':50051', '[::1]', 'a:1']) {
    assert.throws(() => endpoints(JSON.stringify([wrong])), /is no IP address with a port/, wrong)
  }
})

test('of a thousand problems ten are said', () => {
  assert.throws(() => endpoints(JSON.stringify(Array(1000).fill('x'))), /; and 990 more$/)
})

test('a file of more than 20000 endpoints is refused', () => {
  const many = Array.from({ length: 20_001 }, (_, at) => `10.0.${at >> 8}.${at & 255}:1`)
  assert.throws(() => endpoints(JSON.stringify(many)), /20001 endpoints are above the limit of 20000; split the file/)
})

test('a text that is no file of endpoints is refused', () => {
  for (const wrong of ['', 'services', 'services:', 'services: []', '{', 'services: {a: 1}', 'a: 1\na: 2']) {
    assert.throws(() => servicesFromText(wrong), Error, JSON.stringify(wrong))
  }
})
