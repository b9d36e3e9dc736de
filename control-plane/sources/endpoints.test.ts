import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalAddress, distinctEndpoints, sameEndpoints } from './endpoints.ts'
import type { Endpoint } from './source.ts'

const at = (address: string, state: Endpoint['state'] = 'ready', zone?: string): Endpoint => ({
  address,
  port: 50051,
  state,
  zone,
})

test('of duplicates the best state counts, whichever comes first', () => {
  const [ready, terminating, unready] = [at('10.0.0.1'), at('10.0.0.1', 'terminating'), at('10.0.0.1', 'unready')]
  assert.deepEqual(distinctEndpoints([unready, ready, terminating]), [ready])
  assert.deepEqual(distinctEndpoints([terminating, unready]), [terminating])
})

test('of duplicates in one state the last counts', () => {
  assert.deepEqual(distinctEndpoints([at('10.0.0.1', 'ready', 'a'), at('10.0.0.1', 'ready', 'b')]), [
    at('10.0.0.1', 'ready', 'b'),
  ])
})

test('one address on two ports is two endpoints', () => {
  const other = { ...at('10.0.0.1'), port: 50052 }
  assert.deepEqual(distinctEndpoints([other, at('10.0.0.1')]), [at('10.0.0.1'), other])
})

test('the order of endpoints depends on nothing but their addresses and ports', () => {
  const some = ['10.0.0.3', '10.0.0.1', '10.0.0.2', '2001:db8::1'].map((address) => at(address))
  assert.deepEqual(distinctEndpoints(some), distinctEndpoints(some.toReversed()))
})

test('an address has one form, and is one of an endpoint that others reach', () => {
  assert.equal(canonicalAddress('2001:DB8:0:0::1'), '2001:db8::1')
  assert.equal(canonicalAddress('10.0.0.1'), '10.0.0.1')
  for (const wrong of ['', 'localhost', '10.0.0', '010.0.0.1', 'fe80::1%eth0', '[::1]']) {
    assert.equal(canonicalAddress(wrong), undefined)
  }
})

test('lists are the same where address, port, state and zone are', () => {
  const list = [at('10.0.0.1'), at('10.0.0.2', 'terminating', 'a')]
  assert.ok(sameEndpoints(list, structuredClone(list)))
  assert.ok(!sameEndpoints(list, list.slice(1)))
  assert.ok(!sameEndpoints(list, [at('10.0.0.1'), at('10.0.0.2', 'terminating', 'b')]))
  assert.ok(!sameEndpoints(list, [at('10.0.0.1'), at('10.0.0.2', 'ready', 'a')]))
})
