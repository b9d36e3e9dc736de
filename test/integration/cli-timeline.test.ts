import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { Summary } from '../../cli/spread/summarize.ts'
import type { Timeline } from '../../cli/spread/timeline.ts'
import { failure, fullFailure, type PrimesScript, proven, servedBy, startFakePrimes } from '../support/fake-primes.ts'
import { startCli } from '../support/run-cli.ts'

test('--timeline adds when pods were asked, and when calls were refused and lost; SIGTERM ends the load with it', async () => {
  const reached = Promise.withResolvers<void>()
  let calls = 0
  const checkPrime: PrimesScript['checkPrime'] = (_, callback) => {
    calls += 1
    if (calls === 65) reached.resolve()
    if (calls > 60) return
    if (calls % 20 === 0) callback(fullFailure(100))
    else if (calls % 20 === 10) callback(failure(status.INTERNAL, 'broken'))
    else callback(null, proven, servedBy(calls <= 30 ? 'old' : 'new'))
  }
  await using server = await startFakePrimes({ checkPrime })
  const args = [
    '--service',
    'primes',
    '--rate',
    '200',
    '--for',
    '1m',
    '--json',
    '--timeline',
    '--target',
    server.address,
  ]
  const from = Date.now()
  const { child, ended, until } = startCli('spread', ...args)
  await until(reached.promise)
  child.kill('SIGTERM')
  const { code, stdout } = await ended()
  const { sent, timeline }: Summary & { timeline: Timeline } = JSON.parse(stdout)
  assert.deepEqual({ code, sent }, { code: 143, sent: 60 })
  const { startedAt, pods, ...buckets } = timeline
  assert.deepEqual(buckets, {
    bucketMs: 100,
    callsPerPod: { old: [18, 9], new: [0, 9, 18] },
    refused: [1, 1, 1],
    lost: [1, 1, 1],
  })
  const [first = 0, ...later] = [pods['old'], pods['new']].flatMap((pod) => [
    pod?.firstSentAt ?? 0,
    pod?.lastSentAt ?? 0,
  ])
  assert.ok(from <= startedAt && startedAt <= first)
  assert.deepEqual(
    later.toSorted((one, other) => one - other),
    later,
  )
  // The 31st call is due 150 ms after the first one; timers of this client are good to a millisecond.
  assert.ok((pods['new']?.firstSentAt ?? 0) - startedAt >= 148, JSON.stringify(timeline))
})
