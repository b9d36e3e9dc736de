import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeltaDiscoveryResponse, DiscoveryResponse } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { Resource, typeOf, typeUrls } from './resource.ts'

const value = Buffer.from('any bytes')

test('a resource is one field of a state-of-the-world response', () => {
  const resource = new Resource('route', 'primes', { value })
  const { resources } = DiscoveryResponse.decode(resource.stateOfTheWorldField)
  assert.deepEqual(resources, [{ typeUrl: typeUrls.route, value }])
})

test('a resource is one field of a delta response, with its name and version', () => {
  const resource = new Resource('route', 'primes', { value })
  const [decoded, ...others] = DeltaDiscoveryResponse.decode(resource.deltaField).resources
  assert.deepEqual(others, [])
  assert.equal(decoded?.name, 'primes')
  assert.equal(decoded.version, resource.version)
  assert.deepEqual(decoded.resource, { typeUrl: typeUrls.route, value })
})

test('a resource is encoded once for all subscribers', () => {
  const resource = new Resource('route', 'primes', { value })
  assert.equal(resource.stateOfTheWorldField, resource.stateOfTheWorldField)
  assert.equal(resource.deltaField, resource.deltaField)
})

test('the version of a resource is that of its content, wherever it was made', () => {
  const made = (text: string): string => new Resource('route', 'primes', { value: Buffer.from(text) }).version
  assert.equal(made('same'), made('same'))
  assert.notEqual(made('same'), made('other'))
})

test('type URLs that are not served have no type', () => {
  assert.equal(typeOf(typeUrls.cluster), 'cluster')
  for (const url of ['', 'type.googleapis.com/envoy.config.cluster.v2.Cluster', 'cluster', '__proto__']) {
    assert.equal(typeOf(url), undefined)
  }
})
