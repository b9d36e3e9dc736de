import assert from 'node:assert/strict'
import { test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { FactorizeResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import { failure, type PrimesScript, startFakePrimes } from '../support/fake-primes.ts'
import { runCli } from '../support/run-cli.ts'

const powers: Record<string, [string, number][]> = {
  '1': [],
  '97': [['97', 1]],
  '360': [
    ['2', 3],
    ['3', 2],
    ['5', 1],
  ],
}

const factorize: PrimesScript['factorize'] = ({ request: { number } }, callback) => {
  const found = powers[number]
  if (!found) return callback(failure(status.INVALID_ARGUMENT, 'number: 0 has no factorization'))
  callback(
    null,
    FactorizeResponse.fromPartial({ factors: found.map(([prime, exponent]) => ({ prime, exponent, certainty: 1 })) }),
  )
}

test('factorize prints each number as a product of prime powers', async () => {
  await using server = await startFakePrimes({ factorize })
  const { code, stdout } = await runCli('factorize', '360', '97', '1', '--target', server.address)
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '360 = 2^3 × 3^2 × 5\n97 = 97\n1 = 1\n' })
})

test('factorize --json prints one protobuf-JSON response per number with that number', async () => {
  await using server = await startFakePrimes({ factorize })
  const { code, stdout } = await runCli('factorize', '97', '0', '--json', '--target', server.address)
  assert.equal(code, 1)
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { number: '97', factors: [{ prime: '97', exponent: 1, certainty: 'CERTAINTY_PROVEN' }] },
      { number: '0', code: 3, message: 'number: 0 has no factorization' },
    ],
  )
})

test('a number that is too hard keeps no other number from its factors', async () => {
  const script: PrimesScript = {
    factorize: (call, callback) => {
      if (call.request.number === '360') factorize?.(call, callback)
    },
  }
  await using server = await startFakePrimes(script)
  const { code, stdout, stderr } = await runCli(
    'factorize',
    '91',
    '360',
    '--deadline-ms',
    '300',
    '--target',
    server.address,
  )
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '360 = 2^3 × 3^2 × 5\n' })
  assert.match(stderr, /^error: DEADLINE_EXCEEDED: .*--deadline-ms gives another time\n$/)
})
