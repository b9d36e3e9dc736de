import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeltaDiscoveryResponse, DiscoveryResponse } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import { Resource, typeUrls } from '../resources/resource.ts'
import { deltaResponse, stateOfTheWorldResponse } from './wire.ts'

const value = Buffer.from('any bytes')
const resources = ['primes', 'hold'].map((name) => new Resource('route', name, { value }))
const content = { type: 'route', version: 'v7', nonce: '12', resources } as const
const controlPlane = { identifier: 'evenkeel' }

test('a state-of-the-world response reads as a DiscoveryResponse that was written the usual way', () => {
  const { bytes } = stateOfTheWorldResponse(content)
  const expected = DiscoveryResponse.create({
    versionInfo: 'v7',
    typeUrl: typeUrls.route,
    nonce: '12',
    controlPlane,
    resources: resources.map(() => ({ typeUrl: typeUrls.route, value })),
  })
  assert.deepEqual(DiscoveryResponse.decode(bytes), expected)
  assert.equal(bytes.byteLength, DiscoveryResponse.encode(expected).finish().byteLength)
})

test('a delta response reads as a DeltaDiscoveryResponse that was written the usual way', () => {
  const { bytes } = deltaResponse({ ...content, removed: ['gone', 'also gone'] })
  const expected = DeltaDiscoveryResponse.create({
    systemVersionInfo: 'v7',
    typeUrl: typeUrls.route,
    nonce: '12',
    controlPlane,
    removedResources: ['gone', 'also gone'],
    resources: resources.map(({ name, version }) => ({ name, version, resource: { typeUrl: typeUrls.route, value } })),
  })
  assert.deepEqual(DeltaDiscoveryResponse.decode(bytes), DeltaDiscoveryResponse.fromPartial(expected))
  assert.equal(bytes.byteLength, DeltaDiscoveryResponse.encode(expected).finish().byteLength)
})

test('responses without resources are well formed', () => {
  const none = { ...content, resources: [] }
  assert.deepEqual(DiscoveryResponse.decode(stateOfTheWorldResponse(none).bytes).resources, [])
  assert.deepEqual(DeltaDiscoveryResponse.decode(deltaResponse(none).bytes).resources, [])
})

test('a response knows the names in it, also those it takes away', () => {
  assert.deepEqual(deltaResponse({ ...content, removed: ['gone'] }).names, ['primes', 'hold', 'gone'])
  assert.deepEqual(stateOfTheWorldResponse(content).names, ['primes', 'hold'])
})
