import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { type ServerDuplexStream, type ServerUnaryCall, status } from '@grpc/grpc-js'
import {
  Certainty,
  type CheckPrimeRequest,
  type CheckPrimeResponse,
  type CheckPrimeStreamRequest,
  type CheckPrimeStreamResponse,
} from '../../gen/evenkeel/primes/v1/primes.ts'
import { failure, fullFailure, type PrimesScript, proven, startFakePrimes } from '../support/fake-primes.ts'
import { runCli, startCli } from '../support/run-cli.ts'

const answers: Record<string, CheckPrimeResponse> = {
  '1': { prime: false, certainty: Certainty.CERTAINTY_PROVEN, divisor: '' },
  '25': { prime: false, certainty: Certainty.CERTAINTY_PROVEN, divisor: '5' },
  '97': proven,
  '341': { prime: false, certainty: Certainty.CERTAINTY_PROVEN, divisor: '' },
  '18446744073709551629': { prime: true, certainty: Certainty.CERTAINTY_PROBABLE, divisor: '' },
}

/** Answers from the table, and INVALID_ARGUMENT for what is not in it. */
const checkPrime: PrimesScript['checkPrime'] = ({ request: { number } }, callback) => {
  const answer = answers[number]
  if (answer) callback(null, answer)
  else callback(failure(status.INVALID_ARGUMENT, `number: "${number}" is not decimal digits`))
}

/** Answers a stream of numbers `count` at a time, the last one first. */
function inReverse(count: number): NonNullable<PrimesScript['checkPrimeStream']> {
  return (call) => {
    const waiting: CheckPrimeStreamRequest[] = []
    const answerAll = (): void => {
      for (const { id } of waiting.splice(0).toReversed())
        call.write({ id, outcome: { $case: 'answer', value: proven } })
    }
    call.on('data', (request: CheckPrimeStreamRequest) => {
      if (waiting.push(request) === count) answerAll()
    })
    call.on('end', () => call.end())
  }
}

test('check says of each number what it is, in the order given', async () => {
  await using server = await startFakePrimes({ checkPrime })
  const { code, stdout, stderr } = await runCli(
    'check',
    '25',
    '97',
    '341',
    '18446744073709551629',
    '--target',
    server.address,
  )
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.deepEqual(stdout.split('\n'), [
    '25 is composite, divisible by 5 (proven)',
    '97 is prime (proven)',
    '341 is composite (proven)',
    '18446744073709551629 is prime (probable, error below 2^-128)',
    '',
  ])
})

test('1 is called neither prime nor composite', async () => {
  await using server = await startFakePrimes({ checkPrime })
  const { stdout } = await runCli('check', '1', '--target', server.address)
  assert.equal(stdout, '1 is neither prime nor composite (proven)\n')
})

test('check --json prints one protobuf-JSON response per number with that number, and a google.rpc.Status for one without', async () => {
  await using server = await startFakePrimes({ checkPrime })
  const { code, stdout } = await runCli('check', '--json', '97', 'x', '25', '--target', server.address)
  assert.equal(code, 1)
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { number: '97', prime: true, certainty: 'CERTAINTY_PROVEN' },
      { number: 'x', code: 3, message: 'number: "x" is not decimal digits' },
      { number: '25', certainty: 'CERTAINTY_PROVEN', divisor: '5' },
    ],
  )
})

test('a wrong number is told with its field, keeps no other number from its answer, and makes the exit code 1', async () => {
  await using server = await startFakePrimes({ checkPrime })
  const { code, stdout, stderr } = await runCli('check', '0x10', '97', '--target', server.address)
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '97 is prime (proven)\n' })
  assert.equal(stderr, 'error: INVALID_ARGUMENT: number: "0x10" is not decimal digits\n')
})

test('many numbers go over one stream, and are printed in the order given though answered in another', async () => {
  let streams = 0
  const checkPrimeStream: NonNullable<PrimesScript['checkPrimeStream']> = (call) => {
    streams += 1
    inReverse(6)(call)
  }
  await using server = await startFakePrimes({ checkPrimeStream })
  const numbers = ['2', '3', '5', '7', '11', '13']
  const { code, stdout } = await runCli('check', ...numbers, '--target', server.address)
  assert.deepEqual({ code, streams }, { code: 0, streams: 1 })
  assert.equal(stdout, numbers.map((number) => `${number} is prime (proven)\n`).join(''))
})

test('numbers on standard input are answered while more may follow', async () => {
  await using server = await startFakePrimes({ checkPrimeStream: inReverse(2) })
  const { child, ended, until } = startCli('check', '-', '--target', server.address)
  child.stdin.write('2 3\n')
  const [first] = await until(once(child.stdout, 'data'))
  child.stdin.end('5\n\n  7')
  const { code, stdout } = await ended()
  assert.equal(code, 0)
  assert.equal(
    `${first}${stdout}`,
    '2 is prime (proven)\n3 is prime (proven)\n5 is prime (proven)\n7 is prime (proven)\n',
  )
})

test('a stream that breaks is taken up, and every number is answered once', async () => {
  let streams = 0
  const checkPrimeStream = (call: ServerDuplexStream<CheckPrimeStreamRequest, CheckPrimeStreamResponse>): void => {
    streams += 1
    const breaks = streams === 1
    call.on('data', ({ id, number }: CheckPrimeStreamRequest) => {
      if (breaks && number === '5') call.emit('error', failure(status.UNAVAILABLE, 'draining'))
      else call.write({ id, outcome: { $case: 'answer', value: proven } })
    })
    call.on('end', () => call.end())
  }
  await using server = await startFakePrimes({ checkPrimeStream })
  const { code, stdout } = await runCli('check', '2', '3', '5', '7', '11', '--target', server.address)
  assert.deepEqual({ code, streams }, { code: 0, streams: 2 })
  assert.equal(stdout, [2, 3, 5, 7, 11].map((number) => `${number} is prime (proven)\n`).join(''))
})

test('a service that is not there is named with what starts it', async () => {
  const { code, stdout, stderr } = await runCli('check', '97', '--target', '127.0.0.1:1')
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(
    stderr,
    /^error: UNAVAILABLE: 127\.0\.0\.1:1 cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\); `npm start`.*\n$/,
  )
})

test('a full service says when to come back', async () => {
  await using server = await startFakePrimes({ checkPrime: (_, callback) => callback(fullFailure(120)) })
  const { code, stderr } = await runCli('check', '97', '--target', server.address)
  assert.deepEqual(
    { code, stderr },
    { code: 1, stderr: 'error: RESOURCE_EXHAUSTED: the replica is full; try again in 120 ms\n' },
  )
})

test('a service of another kind is named as such', async () => {
  await using server = await startFakePrimes({})
  const { code, stderr } = await runCli('check', '97', '--target', server.address)
  assert.equal(code, 1)
  assert.match(stderr, /^error: UNIMPLEMENTED: .*serves something else, --target names another\n$/)
})

test('a deadline that passes is told with the option that sets it', async () => {
  await using server = await startFakePrimes({ checkPrime: () => {} })
  const { code, stderr } = await runCli('check', '97', '--deadline-ms', '50', '--target', server.address)
  assert.equal(code, 1)
  assert.match(stderr, /^error: DEADLINE_EXCEEDED: .*given 50 ms, --deadline-ms.*\n$/)
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} cancels the call and ends with ${expected}`, async () => {
    const arrived = Promise.withResolvers<ServerUnaryCall<CheckPrimeRequest, CheckPrimeResponse>>()
    await using server = await startFakePrimes({ checkPrime: (call) => arrived.resolve(call) })
    const { child, ended, until } = startCli('check', '97', '--target', server.address)
    const cancelled = once(await until(arrived.promise), 'cancelled')
    child.kill(signal)
    await cancelled
    assert.deepEqual(await ended(), { code: expected, stdout: '', stderr: '' })
  })
}
