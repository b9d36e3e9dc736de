import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { hold } from '../../examples/hold/workload.ts'
import { callUnary, richDetails } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { holdClient, holdFor } from '../support/hold.ts'
import { HoldServiceService } from '../../gen/evenkeel/hold/v1/hold.ts'
import { startService } from '../support/service.ts'

test('a call beyond queue and workers is refused at once, trailers only, with RetryInfo and pushback', async () => {
  await using service = await startService(hold, '--workers=1', '--queue-limit=2', '--delay-target-ms=0')
  using client = holdClient(service.address)
  const gone = new AbortController()
  const held = Array.from({ length: 3 }, () => holdFor(client, 20_000, { signal: gone.signal }))
  await eventually(() => assert.equal(service.pool.inFlight, 3))
  const refused = await callUnary(client, HoldServiceService.hold, { request: { milliseconds: 1, compute: false } })
  assert.equal(refused.code, status.RESOURCE_EXHAUSTED)
  assert.equal(refused.hadHeaders, false)
  const pushbackMs = Number(refused.trailers.get('grpc-retry-pushback-ms')[0])
  assert.ok(pushbackMs > 0)
  const delay = richDetails(refused.trailers).retryInfo?.retryDelay
  assert.equal(Number(delay?.seconds) * 1000 + Number(delay?.nanos) / 1e6, pushbackMs)
  gone.abort()
  await Promise.all(held)
  assert.equal((await holdFor(client, 1)).code, status.OK)
})
