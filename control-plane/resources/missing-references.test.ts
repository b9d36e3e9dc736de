import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingReferences } from './missing-references.ts'
import { type Reference, Resource, type ResourceType } from './resource.ts'

const resource = (type: ResourceType, name: string, references: Reference[] = []): Resource =>
  new Resource(type, name, { value: Buffer.alloc(0), references })

function missingAmong(...resources: Resource[]): string[] {
  return missingReferences((type) => {
    const ofType = resources.filter((each) => each.type === type)
    return { version: '', byName: new Map(ofType.map((each) => [each.name, each])) }
  })
}

test('nothing is missing where each resource finds what it names', () => {
  const cluster = resource('cluster', 'primes', [{ type: 'endpoints', name: 'primes' }])
  assert.deepEqual(missingAmong(cluster, resource('endpoints', 'primes')), [])
})

test('a resource that names what is not there is told, with both names', () => {
  const route = resource('route', 'primes', [{ type: 'cluster', name: 'gone' }])
  assert.deepEqual(missingAmong(route, resource('endpoints', 'gone')), [
    'route primes names cluster gone (type.googleapis.com/envoy.config.cluster.v3.Cluster), which is missing',
  ])
})
