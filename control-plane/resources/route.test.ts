import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeOf } from '../../test/support/decode-resource.ts'
import { routeResource } from './route.ts'

function onlyRoute(idempotent: boolean) {
  const [host, ...others] = routeOf(routeResource('primes', idempotent)).virtualHosts
  assert.deepEqual(others, [])
  assert.deepEqual(host?.domains, ['*'])
  const [route] = host.routes
  assert.ok(route?.action?.$case === 'route')
  return { match: route.match?.pathSpecifier, action: route.action.value }
}

test('every call of a service goes to its cluster', () => {
  const { match, action } = onlyRoute(false)
  assert.deepEqual(match, { $case: 'prefix', value: '' })
  assert.deepEqual(action.clusterSpecifier, { $case: 'cluster', value: 'primes' })
  assert.deepEqual(routeResource('primes', false).references, [{ type: 'cluster', name: 'primes' }])
})

test('calls are repeated only where that does no harm', () => {
  assert.equal(onlyRoute(false).action.retryPolicy, undefined)
  const { retryPolicy } = onlyRoute(true).action
  // One word: grpc-js does not trim a list.
  assert.equal(retryPolicy?.retryOn, 'unavailable')
  assert.equal(retryPolicy.numRetries, 4)
  assert.deepEqual(retryPolicy.retryBackOff?.baseInterval, { seconds: 0n, nanos: 25_000_000 })
  assert.deepEqual(retryPolicy.retryBackOff.maxInterval, { seconds: 0n, nanos: 250_000_000 })
})
