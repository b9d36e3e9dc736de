import assert from 'node:assert/strict'
import { checkPrimeSync } from 'node:crypto'
import { test } from 'node:test'
import { HoldRequest } from '../../gen/evenkeel/hold/v1/hold.ts'
import { CheckPrimeRequest } from '../../gen/evenkeel/primes/v1/primes.ts'
import { holdWork } from './hold-work.ts'
import { primeJobs, primesWork } from './primes-work.ts'

for (const [job, bits] of [
  ['1ms', 300],
  ['5ms', 680],
  ['50ms', 1600],
] as const) {
  test(`the ${job} job is a prime of ${bits} bits`, () => {
    const prime = primeJobs[job] ?? 0n
    assert.equal(prime.toString(2).length, bits)
    assert.ok(checkPrimeSync(prime, { checks: 64 }))
    const request = primesWork({ mix: { [job]: 1 }, seed: 1 }).nextRequest()
    assert.equal(CheckPrimeRequest.decode(request).number, String(prime))
  })
}

test('tiny jobs are many different small numbers', () => {
  const work = primesWork({ mix: { tiny: 1 }, seed: 1 })
  const numbers = new Set(
    Array.from({ length: 100 }, () => Number(CheckPrimeRequest.decode(work.nextRequest()).number)),
  )
  assert.ok(numbers.size > 10)
  assert.ok(Math.max(...numbers) < 2 ** 32)
})

test('a decimal number is a job of PrimesService', () => {
  const work = primesWork({ mix: { '18446744073709551557': 1 }, seed: 1 })
  assert.equal(CheckPrimeRequest.decode(work.nextRequest()).number, '18446744073709551557')
})

test('jobs of HoldService hold for as long as they are called, waiting or computing', () => {
  const request = (job: string, compute: boolean): unknown =>
    HoldRequest.decode(holdWork({ mix: { [job]: 1 }, seed: 1, compute }).nextRequest())
  assert.deepEqual(request('tiny', false), { milliseconds: 0, compute: false })
  assert.deepEqual(request('12.5ms', true), { milliseconds: 12.5, compute: true })
})

test('a job that a service does not know is named with those it knows', () => {
  assert.throws(() => primesWork({ mix: { '7ms': 1 }, seed: 1 }), /"7ms": no such job.*tiny, 1ms, 5ms, 50ms/)
  assert.throws(() => holdWork({ mix: { '30001ms': 1 }, seed: 1, compute: false }), /"30001ms".*30000ms/)
})
