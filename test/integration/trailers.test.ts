import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary, type Outcome } from '../support/call.ts'
import { connect, startService } from '../support/service.ts'

const { checkPrime } = PrimesServiceService
/** A prime of 300 bits: beyond what is answered without a worker. */
const largePrime = String(2n ** 300n + 157n)

const trailer = ({ trailers }: Outcome<unknown>, name: string): string | undefined =>
  trailers.get(`evenkeel-${name}`)[0]?.toString()

test('an answer says which pod, process and worker gave it, how long it waited and how long it took', async () => {
  await using service = await startService(primes, '--process-name=p7')
  using client = connect(PrimesServiceClient, service.address)
  const outcome = await callUnary(client, checkPrime, { request: { number: largePrime } })
  assert.equal(outcome.code, 0)
  assert.equal(trailer(outcome, 'pod'), 'test-pod')
  assert.equal(trailer(outcome, 'process'), 'p7')
  assert.match(trailer(outcome, 'worker') ?? '', /^[01]$/)
  assert.ok(Number(trailer(outcome, 'queue-ms')) >= 0)
  assert.ok(Number(trailer(outcome, 'compute-ms')) > 0)
})

test('an answer that took no worker says inline', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const outcome = await callUnary(client, checkPrime, { request: { number: '25' } })
  assert.equal(trailer(outcome, 'worker'), 'inline')
  assert.deepEqual(outcome.response, { prime: false, certainty: 1, divisor: '5' })
})

test('an error is sent as trailers only, so that a proxy may act on it, and says who refused', async () => {
  await using service = await startService(primes)
  using client = connect(PrimesServiceClient, service.address)
  const outcome = await callUnary(client, checkPrime, { request: { number: 'x' } })
  assert.equal(outcome.hadHeaders, false)
  assert.equal(trailer(outcome, 'pod'), 'test-pod')
  assert.equal(trailer(outcome, 'worker'), undefined)
})

test('the trailers can be switched off, and no answer carries a report of load unless it is asked for', async () => {
  await using service = await startService(primes, '--no-served-by')
  using client = connect(PrimesServiceClient, service.address)
  const outcome = await callUnary(client, checkPrime, { request: { number: '97' } })
  assert.equal(trailer(outcome, 'pod'), undefined)
  assert.deepEqual(outcome.trailers.get('endpoint-load-metrics-bin'), [])
})
