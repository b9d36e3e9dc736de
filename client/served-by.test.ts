import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metadata } from '@grpc/grpc-js'
import { servedByOf } from './served-by.ts'

test('trailers say who answered and what it took; what is missing or no number is undefined', () => {
  const trailers = new Metadata()
  trailers.set('evenkeel-pod', 'pod-a')
  trailers.set('evenkeel-process', '0')
  trailers.set('evenkeel-worker', 'inline')
  trailers.set('evenkeel-queue-ms', '1.250')
  trailers.set('evenkeel-compute-ms', '-1')
  const nobody = { pod: undefined, process: undefined, worker: undefined, queueMs: undefined, computeMs: undefined }
  assert.deepEqual(servedByOf(trailers), {
    pod: 'pod-a',
    process: '0',
    worker: 'inline',
    queueMs: 1.25,
    computeMs: undefined,
  })
  assert.deepEqual(servedByOf(new Metadata()), nobody)
})
