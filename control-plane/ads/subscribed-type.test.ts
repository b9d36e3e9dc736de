import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DiscoveryRequest } from '../../gen/xds/envoy/service/discovery/v3/discovery.ts'
import type { Status } from '../../gen/xds/google/rpc/status.ts'
import { Snapshot } from '../snapshot.ts'
import { StateOfTheWorldSubscription } from './state-of-the-world.ts'
import { SubscribedType } from './subscribed-type.ts'

test('a refusal of what is not asked for any more holds nothing up', () => {
  const services = new Map([
    ['a', []],
    ['b', []],
  ])
  const routes = new Snapshot(services, { balancing: 'round_robin', idempotent: false, zones: 'ignore' }).of('route')
  const type = new SubscribedType('route', new StateOfTheWorldSubscription('route', () => '1'))
  const ask = (resourceNames: string[], rest: { responseNonce?: string; errorDetail?: Status } = {}) => {
    type.receive(DiscoveryRequest.create({ resourceNames, ...rest }))
    type.respond(routes, { gone: 'remove', dueAtMs: 0 })
  }
  ask(['a', 'b'])
  ask(['a', 'b'], { responseNonce: '1', errorDetail: { code: 3, message: 'no', details: [] } })
  assert.deepEqual([...type.state.rejections.keys()], ['a', 'b'])
  ask([], { responseNonce: '1' })
  assert.equal(type.isTaken, true)
})
