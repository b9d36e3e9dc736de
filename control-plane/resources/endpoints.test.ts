import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyOfResource, localitiesOf } from '../../test/support/decode-resource.ts'
import { readyAt } from '../../test/support/world.ts'
import type { Endpoint } from '../sources/source.ts'
import { eligibleEndpoints } from '../eligible.ts'
import { endpointsResource } from './endpoints.ts'

const resourceOf = (endpoints: readonly Endpoint[], zone?: string) =>
  endpointsResource('primes', eligibleEndpoints(endpoints), zone)
const localities = (endpoints: readonly Endpoint[], zone?: string) =>
  localitiesOf(anyOfResource(resourceOf(endpoints, zone)))

const inThreeZones = [readyAt('10.0.0.3:1', 'c'), readyAt('10.0.0.1:1', 'a'), readyAt('10.0.0.2:1', 'b')]

test('without a zone all endpoints are in one locality, whose weight is their number', () => {
  assert.deepEqual(localities(inThreeZones), [
    { zone: 'everywhere', priority: 0, weight: 3, places: ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'] },
  ])
})

test('endpoints of the zone of a subscriber come first, the others step in', () => {
  assert.deepEqual(localities(inThreeZones, 'b'), [
    { zone: 'b', priority: 0, weight: 1, places: ['10.0.0.2:1'] },
    { zone: 'everywhere', priority: 1, weight: 2, places: ['10.0.0.1:1', '10.0.0.3:1'] },
  ])
})

test('priorities have no gap where no endpoint is in the zone, or all are', () => {
  assert.deepEqual(
    localities(inThreeZones, 'elsewhere').map(({ priority }) => priority),
    [0],
  )
  assert.deepEqual(localities([readyAt('10.0.0.1:1', 'a')], 'a'), [
    { zone: 'a', priority: 0, weight: 1, places: ['10.0.0.1:1'] },
  ])
})

test('the order in which a source tells endpoints changes no version', () => {
  const reversed = inThreeZones.toReversed()
  for (const zone of [undefined, 'a']) {
    assert.equal(resourceOf(inThreeZones, zone).version, resourceOf(reversed, zone).version)
  }
})

test('an endpoint that is told twice is there once: grpc-js refuses an assignment with a duplicate', () => {
  const twice = [readyAt('10.0.0.1:1', 'b'), readyAt('10.0.0.1:1', 'a'), readyAt('10.0.0.1:2')]
  assert.deepEqual(localities(twice), [
    { zone: 'everywhere', priority: 0, weight: 2, places: ['10.0.0.1:1', '10.0.0.1:2'] },
  ])
})

test('a service that is scaled to zero has an assignment without endpoints', () => {
  assert.deepEqual(localities([]), [])
  assert.deepEqual(localities([], 'a'), [])
})
