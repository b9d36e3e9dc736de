import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eligibleEndpoints } from './eligible.ts'
import type { Endpoint, EndpointState } from './sources/source.ts'

const at = (address: string, state: EndpointState): Endpoint => ({ address, port: 50051, state })

const addresses = (...endpoints: Endpoint[]): string[] => eligibleEndpoints(endpoints).map(({ address }) => address)

test('ready endpoints alone are eligible while there is one', () => {
  assert.deepEqual(addresses(at('10.0.0.3', 'terminating'), at('10.0.0.2', 'unready'), at('10.0.0.1', 'ready')), [
    '10.0.0.1',
  ])
})

test('terminating endpoints are eligible when nothing is ready', () => {
  assert.deepEqual(addresses(at('10.0.0.3', 'terminating'), at('10.0.0.2', 'unready'), at('10.0.0.1', 'terminating')), [
    '10.0.0.1',
    '10.0.0.3',
  ])
})

test('unready endpoints are eligible when there is nothing else: all at once are more likely slandered than ill', () => {
  assert.deepEqual(addresses(at('10.0.0.2', 'unready'), at('10.0.0.1', 'unready')), ['10.0.0.1', '10.0.0.2'])
  assert.deepEqual(addresses(at('10.0.0.1', 'terminating'), at('10.0.0.2', 'unready')), ['10.0.0.1'])
  assert.deepEqual(addresses(), [])
})

test('an endpoint that is given twice is eligible once, in its best state', () => {
  assert.deepEqual(addresses(at('10.0.0.1', 'terminating'), at('10.0.0.1', 'ready'), at('10.0.0.1', 'ready')), [
    '10.0.0.1',
  ])
})
