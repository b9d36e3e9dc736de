import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpConnectionManager } from '../../gen/xds/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import { fromAny, listenerOf } from '../../test/support/decode-resource.ts'
import { listenerResource } from './listener.ts'

const managerOf = (service: string): HttpConnectionManager =>
  fromAny(HttpConnectionManager, listenerOf(listenerResource(service)).apiListener?.apiListener)

test('a listener has the name of its service, and its route comes by the same stream', () => {
  const { routeSpecifier, httpFilters } = managerOf('primes')
  assert.equal(listenerOf(listenerResource('primes')).name, 'primes')
  assert.ok(routeSpecifier?.$case === 'rds')
  assert.equal(routeSpecifier.value.routeConfigName, 'primes')
  assert.equal(routeSpecifier.value.configSource?.configSourceSpecifier?.$case, 'ads')
  assert.deepEqual(
    httpFilters.map(({ name }) => name),
    ['envoy.filters.http.router'],
  )
  assert.deepEqual(listenerResource('primes').references, [{ type: 'route', name: 'primes' }])
})

test('a listener has no idle timeout, which grpc-js would take for the timeout of every call', () => {
  assert.equal(managerOf('primes').commonHttpProtocolOptions, undefined)
})
