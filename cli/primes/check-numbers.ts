import { Readable } from 'node:stream'
import { Metadata, status } from '@grpc/grpc-js'
import { isCallFailure } from '../../client/call-failure.ts'
import { Certainty, CheckPrimeResponse, type PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { Status } from '../../gen/google/rpc/status.ts'
import type { ClientOptions } from '../client-options.ts'
import type { CommandRun } from '../run-command.ts'
import { commandErrorFrom, statusName } from './call-failure.ts'
import { connectPrimes } from './connect.ts'
import { jsonLine } from './json-line.ts'
import { numbersGiven } from './numbers-given.ts'
import { StreamChecker } from './stream-checker.ts'
import { unaryCall } from './unary-call.ts'

/** More numbers than this, or an unknown count of them, go over one stream. */
const mostSingleCalls = 4
/** Questions open at a time; a service answers 64 of a stream at once, the others are on their way. */
const window = 128
/** A number beyond this is not sent: it would be over the limit of a message and end the stream of all others. */
const longestSent = 16_384

/** What is asked, and how it is printed. */
export type CheckOptions = ClientOptions & { numbers: readonly string[] }

type Outcome = { $case: 'answer'; value: CheckPrimeResponse } | { $case: 'error'; value: Status }

/** Prints what each number is, in the order given. A number without an answer has a line on stderr, and the result is 1. */
export async function checkNumbers(options: CheckOptions, run: CommandRun): Promise<number> {
  const { signal, out, note } = run
  using client = connectPrimes(options)
  using asker = createAsker(client, options, signal)
  const numbers = Readable.from(numbersGiven(options.numbers, run))
  const ask = async (number: string) => ({ number, outcome: await asker.ask(number) })
  let exitCode = 0
  try {
    for await (const { number, outcome } of numbers.map(ask, { concurrency: window, signal })) {
      const failed = outcome.$case === 'error'
      if (options.json) await out.write(jsonLine(number, toJson(outcome)))
      else if (!failed) await out.write(`${number} ${describe(number, outcome.value)}`)
      if (!failed) continue
      note(`error: ${statusName(outcome.value.code)}: ${outcome.value.message}`)
      exitCode = 1
    }
    return exitCode
  } catch (thrown) {
    throw commandErrorFrom(thrown, options)
  } finally {
    if (options.numbers.includes('-')) run.stdin.destroy()
  }
}

interface Asker extends Disposable {
  ask(number: string): Promise<Outcome>
}

/** A few numbers are calls of their own, which Envoy spreads over the replicas; many share one stream. */
function createAsker(client: PrimesServiceClient, options: CheckOptions, signal: AbortSignal): Asker {
  const { numbers, deadlineMs = 0 } = options
  if (numbers.length <= mostSingleCalls && !numbers.includes('-')) {
    const ask = (number: string) => askAlone(client, number, { deadlineMs, signal })
    return { ask, [Symbol.dispose]: () => {} }
  }
  const checker = new StreamChecker(client, deadlineMs)
  const ask = async (number: string) => (number.length > longestSent ? tooLong(number) : checker.ask(number))
  return { ask, [Symbol.dispose]: () => checker[Symbol.dispose]() }
}

async function askAlone(
  client: PrimesServiceClient,
  number: string,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal },
): Promise<Outcome> {
  const deadline = Date.now() + deadlineMs
  try {
    const value = await unaryCall<CheckPrimeResponse>(
      (done) => client.checkPrime({ number }, new Metadata(), { deadline }, done),
      signal,
    )
    return { $case: 'answer', value }
  } catch (thrown) {
    // One wrong number does not keep the others from their answers; a service that is not there does.
    if (!isCallFailure(thrown) || thrown.code !== status.INVALID_ARGUMENT) throw thrown
    return { $case: 'error', value: { code: thrown.code, message: thrown.details, details: [] } }
  }
}

function tooLong(number: string): Outcome {
  const message = `number: "${number.slice(0, 24)}…" has ${number.length} characters; at most 4096 bits are allowed`
  return { $case: 'error', value: { code: status.INVALID_ARGUMENT, message, details: [] } }
}

function toJson({ $case, value }: Outcome): unknown {
  return $case === 'answer' ? CheckPrimeResponse.toJSON(value) : Status.toJSON(value)
}

function describe(number: string, { prime, certainty, divisor }: CheckPrimeResponse): string {
  const certain = certainty === Certainty.CERTAINTY_PROBABLE ? '(probable, error below 2^-128)' : '(proven)'
  if (prime) return `is prime ${certain}`
  if (number === '0' || number === '1') return `is neither prime nor composite ${certain}`
  return `is composite${divisor === '' ? '' : `, divisible by ${divisor}`} ${certain}`
}
