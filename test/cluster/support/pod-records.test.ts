import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podRecords, withPodNames } from './pod-records.ts'
import type { LoadRecord } from './step-record.ts'

const timeline = {
  startedAt: 0,
  bucketMs: 100,
  callsPerPod: { '10.0.0.1:50051': [1], there: [2] },
  refused: [],
  lost: [],
  pods: { '10.0.0.1:50051': { firstSentAt: 1250, lastSentAt: 2990 }, there: { firstSentAt: 10, lastSentAt: 5000 } },
}
const pods = [
  { name: 'new', address: '10.0.0.1', node: 'node-1', readyAtMs: 1200, deletedAtMs: 3000 },
  { name: 'there', address: '10.0.0.2', node: 'node-1', readyAtMs: 5 },
]

test('an address in a timeline becomes the name of its pod', () => {
  const { callsPerPod, pods: calls } = withPodNames(timeline, pods)
  assert.deepEqual(callsPerPod, { new: [1], there: [2] })
  assert.deepEqual(Object.keys(calls), ['new', 'there'])
})

test('a pod that was ready for two seconds while somebody called others is never called by them', () => {
  const calls = { ...timeline, callsPerPod: { there: Array.from({ length: 40 }, () => 1) }, pods: {} }
  const loads = [{ name: 'envoy', timeline: calls } as unknown as LoadRecord]
  const never = (more: object): unknown =>
    podRecords([{ name: 'new', address: '10.0.0.1', node: 'node-1', ...more }], loads, 1000)[0]?.neverCalledBy
  assert.deepEqual(never({ readyAtMs: 1200 }), ['envoy'])
  assert.deepEqual(never({ readyAtMs: 1200, deletedAtMs: 3100 }), [])
  assert.deepEqual(never({ readyAtMs: 2100 }), [])
})

test('a pod is recorded when it became ready or was deleted since the step began', () => {
  const load = { name: 'envoy', timeline: withPodNames(timeline, pods) } as LoadRecord
  assert.deepEqual(
    podRecords(pods, [load], 1000).map(({ name, readyToFirstCallMs, deletedToLastCallMs }) => [
      name,
      readyToFirstCallMs,
      deletedToLastCallMs,
    ]),
    [['new', { envoy: 50 }, { envoy: -10 }]],
  )
})
