import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, suite, test } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { Service } from '../../chassis/serve.ts'
import { Certainty, PrimesServiceClient, PrimesServiceService } from '../../gen/evenkeel/primes/v1/primes.ts'
import { primes } from '../../service/primes/workload.ts'
import { callUnary, richDetails } from '../support/call.ts'
import { eventually } from '../support/eventually.ts'
import { readList } from '../support/list.ts'
import { connect, startService } from '../support/service.ts'

const { checkPrime, factorize } = PrimesServiceService
const { CERTAINTY_PROVEN: PROVEN, CERTAINTY_PROBABLE: PROBABLE } = Certainty
const largest = 2n ** 64n - 1n
const mersenne = (exponent: bigint): string => String(2n ** exponent - 1n)

suite('PrimesService over the wire', () => {
  let service: Service & { address: string }
  let client: PrimesServiceClient
  before(async () => {
    service = await startService(primes)
    client = connect(PrimesServiceClient, service.address)
  })
  after(async () => {
    client.close()
    await service[Symbol.asyncDispose]()
  })

  const checked: [what: string, number: string, answer: object][] = [
    ['0', '0', { prime: false, certainty: PROVEN, divisor: '' }],
    ['1', '1', { prime: false, certainty: PROVEN, divisor: '' }],
    ['2', '2', { prime: true, certainty: PROVEN, divisor: '' }],
    ['25, which a well-known example calls prime', '25', { prime: false, certainty: PROVEN, divisor: '5' }],
    ['the largest prime below 2^64', '18446744073709551557', { prime: true, certainty: PROVEN, divisor: '' }],
    [
      'a strong pseudoprime to twelve bases',
      '318665857834031151167461',
      { prime: false, certainty: PROVEN, divisor: '' },
    ],
    ['the Mersenne prime 2^127-1', mersenne(127n), { prime: true, certainty: PROBABLE, divisor: '' }],
    ['2^67-1, as Cole showed', mersenne(67n), { prime: false, certainty: PROVEN, divisor: '' }],
    ['2^4096-1, the largest number that is taken', mersenne(4096n), { prime: false, certainty: PROVEN, divisor: '3' }],
  ]

  for (const [what, number, answer] of checked) {
    test(`CheckPrime knows ${what}`, async () => {
      const { code, response } = await callUnary(client, checkPrime, { request: { number } })
      assert.equal(code, status.OK)
      assert.deepEqual(response, answer)
    })
  }

  const split: [what: string, number: string, factors: [string, number, Certainty][]][] = [
    ['1 into nothing', '1', []],
    ['2', '2', [['2', 1, PROVEN]]],
    ['a power', String(3n ** 50n), [['3', 50, PROVEN]]],
    [
      '360, smallest prime first',
      '360',
      [
        ['2', 3, PROVEN],
        ['3', 2, PROVEN],
        ['5', 1, PROVEN],
      ],
    ],
    [
      'the seventh Fermat number',
      String(2n ** 128n + 1n),
      [
        ['59649589127497217', 1, PROVEN],
        ['5704689200685129054721', 1, PROBABLE],
      ],
    ],
  ]

  for (const [what, number, factors] of split) {
    test(`Factorize splits ${what}`, async () => {
      const { code, response } = await callUnary(client, factorize, { request: { number } })
      assert.equal(code, status.OK)
      assert.deepEqual(
        response?.factors.map(({ prime, exponent, certainty }) => [prime, exponent, certainty]),
        factors,
      )
    })
  }

  for (const [number, message] of [
    ['0', /^number: 0 has no factorization/],
    ['', /^number: is empty/],
    ['9'.repeat(81), /^number: "9{24}…" has 81 characters; at most 80 digits/],
  ] as const) {
    test(`Factorize refuses ${JSON.stringify(number.slice(0, 3))} by name, value and bound`, async () => {
      const { code, details, trailers } = await callUnary(client, factorize, { request: { number } })
      assert.equal(code, status.INVALID_ARGUMENT)
      assert.match(details, message)
      assert.equal(richDetails(trailers).badRequest?.fieldViolations[0]?.field, 'number')
    })
  }

  const lists: [from: bigint, to: bigint, primes: bigint[]][] = [
    [0n, 0n, []],
    [0n, 1n, []],
    [2n, 2n, [2n]],
    [1n, 3n, [2n, 3n]],
    [24n, 28n, []],
    [10n ** 15n, 10n ** 15n + 100n, [37n, 91n].map((rest) => 10n ** 15n + rest)],
    [largest - 100n, largest, [95n, 83n, 59n].map((below) => 2n ** 64n - below)],
  ]

  for (const [from, to, expected] of lists) {
    test(`ListPrimes lists ${from} to ${to}`, async () => {
      const list = await readList(client, from, to)
      assert.equal(list.status.code, status.OK)
      const checks = await Promise.all(
        list.primes.map((prime) => callUnary(client, checkPrime, { request: { number: String(prime) } })),
      )
      assert.ok(checks.every(({ response }) => response?.prime))
      assert.deepEqual(list.primes, expected)
    })
  }

  const refusedLists: [from: bigint, to: bigint, field: string, message: RegExp][] = [
    [10n, 9n, 'from', /^from: 10 is above to=9/],
    [0n, 10n ** 9n, 'to', /^to: the interval has 1000000001 numbers; at most 1000000000/],
    [0n, largest, 'to', /^to: the interval has 18446744073709551616 numbers/],
  ]

  for (const [from, to, field, message] of refusedLists) {
    test(`ListPrimes refuses ${from} to ${to}`, async () => {
      const list = await readList(client, from, to)
      assert.equal(list.status.code, status.INVALID_ARGUMENT)
      assert.match(list.status.details, message)
      assert.equal(richDetails(list.status.metadata).badRequest?.fieldViolations[0]?.field, field)
    })
  }

  test('an interval of exactly 10^9 numbers is taken', async () => {
    const list = client.listPrimes({ from: 1n, to: 10n ** 9n })
    list.on('error', () => {})
    await once(list, 'data')
    list.cancel()
    await eventually(() => assert.equal(service.pool.inFlight, 0))
  })

  test('a long list comes in messages of at most 4096 primes, ascending, and is as long as the prime count says', async () => {
    const { primes: found, messageLengths } = await readList(client, 0n, 1_000_000n)
    assert.equal(found.length, 78_498)
    assert.ok(messageLengths.length > 19)
    assert.ok(Math.max(...messageLengths) <= 4096)
    assert.ok(found.every((prime, index) => index === 0 || prime > (found[index - 1] as bigint)))
  })

  test('a list that is resumed after its last prime continues without a gap and without a repetition', async () => {
    const from = 10n ** 12n
    const to = from + 6_000_000n
    const whole = await readList(client, from, to)
    const middle = whole.primes[Math.floor(whole.primes.length / 2)] as bigint
    const first = await readList(client, from, middle)
    const second = await readList(client, (first.primes.at(-1) as bigint) + 1n, to)
    assert.ok(whole.primes.length > 200_000)
    assert.deepEqual([...first.primes, ...second.primes], whole.primes)
  })
})
