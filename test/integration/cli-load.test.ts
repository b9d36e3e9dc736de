import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { CallEnd } from '../../cli/spread/call-end.ts'
import { primesWork } from '../../cli/spread/primes-work.ts'
import type { LoadOptions } from '../../cli/spread/load-options.ts'
import { runLoad } from '../../cli/spread/run-load.ts'
import { failure, type PrimesScript, proven, servedBy, startFakePrimes } from '../support/fake-primes.ts'
import { answerWithEmptyMessage, grpcHeaders, startRawServer } from '../support/raw-server.ts'

/** A load of 100 tiny calls in half a second. */
function loadOf(target: string, changes: Partial<LoadOptions> = {}): LoadOptions {
  return { target, work: primesWork({ mix: { tiny: 1 }, seed: 1 }), rate: 200, seconds: 0.5, ...changes }
}

const answer: NonNullable<PrimesScript['checkPrime']> = (_, callback) => callback(null, proven, servedBy('a'))

test('a service that stalls once shows it in every call that was due meanwhile', async () => {
  let waiting: (() => void)[] | undefined
  let calls = 0
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    calls += 1
    if (calls === 25) {
      waiting = []
      setTimeout(() => {
        for (const release of waiting?.splice(0) ?? []) release()
        waiting = undefined
      }, 250)
    }
    if (waiting) waiting.push(() => answer(call, callback))
    else answer(call, callback)
  }
  await using server = await startFakePrimes({ checkPrime })
  const { summary } = await runLoad(loadOf(server.address))
  // 50 of the 100 calls were due within the stall; a generator that waits for answers would have met it with one.
  assert.deepEqual({ sent: summary.sent, ok: summary.ok }, { sent: 100, ok: 100 })
  assert.ok(summary.latencyMs.p90 >= 150, `p90 ${summary.latencyMs.p90} ms`)
  assert.ok(summary.latencyMs.p99 >= 230, `p99 ${summary.latencyMs.p99} ms`)
})

test('calls beyond the bound of calls in flight are not sent, and counted', async () => {
  const open: (() => void)[] = []
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => void open.push(() => answer(call, callback))
  await using server = await startFakePrimes({ checkPrime })
  const onProgress = ({ sent, elapsedMs, totalMs }: { sent: number; elapsedMs: number; totalMs: number }): void => {
    if (sent === 10 && elapsedMs > totalMs) for (const release of open.splice(0)) release()
  }
  const { summary } = await runLoad(loadOf(server.address, { maxInFlight: 10, onProgress }))
  assert.deepEqual({ sent: summary.sent, ok: summary.ok, notSent: summary.notSent }, { sent: 10, ok: 10, notSent: 90 })
})

test('calls take turns over connections of their own', async () => {
  const callsByPeer = new Map<string, number>()
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    callsByPeer.set(call.getPeer(), (callsByPeer.get(call.getPeer()) ?? 0) + 1)
    answer(call, callback)
  }
  await using server = await startFakePrimes({ checkPrime })
  await runLoad(loadOf(server.address, { connections: 4 }))
  assert.deepEqual([...callsByPeer.values()], [25, 25, 25, 25])
})

test('each call is told as it ends, and the timeline says when its answerers were asked', async () => {
  let calls = 0
  const checkPrime: PrimesScript['checkPrime'] = (_, callback) => {
    calls += 1
    callback(null, proven, servedBy(calls <= 60 ? 'old' : 'new'))
  }
  await using server = await startFakePrimes({ checkPrime })
  const ends: number[] = []
  const onCallEnd = ({ intendedMs }: CallEnd): void => void ends.push(intendedMs)
  const { timeline } = await runLoad(loadOf(server.address, { onCallEnd }))
  assert.deepEqual(
    ends.toSorted((one, other) => one - other),
    Array.from({ length: 100 }, (_, call) => call * 5),
  )
  assert.equal(timeline.bucketMs, 100)
  assert.deepEqual(timeline.callsPerPod, { old: [20, 20, 20], new: [0, 0, 0, 20, 20] })
})

test('a signal ends the load, and calls in flight are neither answered nor lost', async () => {
  const stop = new AbortController()
  let calls = 0
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    calls += 1
    if (calls <= 10) answer(call, callback)
    if (calls === 20) stop.abort()
  }
  await using server = await startFakePrimes({ checkPrime })
  const { summary, cutShort } = await runLoad(loadOf(server.address, { signal: stop.signal }))
  assert.deepEqual({ cutShort, sent: summary.sent, lost: summary.lost }, { cutShort: true, sent: 10, lost: 0 })
  assert.ok(summary.seconds < 0.5)
})

test('a retry policy sends again what a draining replica turned away; transparent retries do not', async () => {
  const checkPrime: PrimesScript['checkPrime'] = (call, callback) => {
    const again = call.metadata.get('grpc-previous-rpc-attempts').length > 0
    if (again) answer(call, callback)
    else callback(failure(status.UNAVAILABLE, 'draining'))
  }
  await using server = await startFakePrimes({ checkPrime })
  const byPolicy = (await runLoad(loadOf(server.address, { retries: 'policy' }))).summary
  assert.deepEqual([byPolicy.ok, byPolicy.lost, byPolicy.retried], [100, 0, 100])
  const transparent = (await runLoad(loadOf(server.address))).summary
  assert.deepEqual([transparent.ok, transparent.lost, transparent.retried], [0, 100, 0])
})

test('calls that break between headers and trailers are lost, and counted as cut; those that break before are not', async () => {
  let calls = 0
  await using server = await startRawServer((stream) => {
    calls += 1
    if (calls % 4 === 1) {
      stream.respond(grpcHeaders)
      // The headers leave before the reset.
      setImmediate(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
    } else if (calls % 4 === 2) stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    else answerWithEmptyMessage(stream)
  })
  const { summary } = await runLoad(loadOf(server.address))
  const { ok, lost, cut, errorsByCode } = summary
  assert.deepEqual({ ok, lost, cut, errorsByCode }, { ok: 50, lost: 50, cut: 25, errorsByCode: { INTERNAL: 50 } })
})

test('a retry policy sends again what was cut between headers and trailers, and then nothing is lost', async () => {
  await using server = await startRawServer((stream, headers) => {
    if (headers['grpc-previous-rpc-attempts'] !== undefined) return answerWithEmptyMessage(stream)
    stream.respond(grpcHeaders)
    setImmediate(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  })
  const { ok, lost, cut, retried } = (await runLoad(loadOf(server.address, { retries: 'policy' }))).summary
  assert.deepEqual({ ok, lost, cut, retried }, { ok: 100, lost: 0, cut: 0, retried: 100 })
})

test('what a server refused to look at is sent again, unless retries are off', async () => {
  let calls = 0
  await using server = await startRawServer((stream) => {
    calls += 1
    if (calls === 5) stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else answerWithEmptyMessage(stream)
  })
  const transparent = (await runLoad(loadOf(server.address))).summary
  assert.deepEqual([transparent.ok, transparent.lost, transparent.retried], [100, 0, 1])
  calls = 0
  const off = (await runLoad(loadOf(server.address, { retries: 'off' }))).summary
  assert.deepEqual([off.ok, off.lost, off.retried], [99, 1, 0])
})

test('answers that do not say who gave them are counted, and no pod is made up', async () => {
  await using server = await startRawServer(answerWithEmptyMessage)
  const { summary, unidentified } = await runLoad(loadOf(server.address))
  assert.deepEqual(
    { ok: summary.ok, unidentified, callsPerPod: summary.callsPerPod },
    { ok: 100, unidentified: 100, callsPerPod: {} },
  )
})
