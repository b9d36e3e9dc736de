import { Readable } from 'node:stream'
import { Metadata, status } from '@grpc/grpc-js'
import { type CallFailure, isCallFailure } from '../../client/call-failure.ts'
import { FactorizeResponse, type PrimesServiceClient } from '../../gen/evenkeel/primes/v1/primes.ts'
import { Status } from '../../gen/google/rpc/status.ts'
import type { ClientOptions } from '../client-options.ts'
import type { CommandRun } from '../run-command.ts'
import { commandErrorFrom, describeCallFailure } from './call-failure.ts'
import { connectPrimes } from './connect.ts'
import { jsonLine } from './json-line.ts'
import { numbersGiven } from './numbers-given.ts'
import { unaryCall } from './unary-call.ts'

/** Calls open at a time: enough to use several replicas, few enough not to fill them. */
const window = 8

/** What is asked, and how it is printed. */
export type FactorizeOptions = ClientOptions & { numbers: readonly string[] }

type Outcome = { factors: FactorizeResponse } | { failure: CallFailure }

/** Prints the factors of each number, in the order given. A number without an answer has a line on stderr, and the result is 1. */
export async function factorizeNumbers(options: FactorizeOptions, run: CommandRun): Promise<number> {
  const { signal, out, note } = run
  using client = connectPrimes(options)
  const numbers = Readable.from(numbersGiven(options.numbers, run))
  const ask = async (number: string) => ({ number, outcome: await factorize(client, number, { ...options, signal }) })
  let exitCode = 0
  try {
    for await (const { number, outcome } of numbers.map(ask, { concurrency: window, signal })) {
      if ('failure' in outcome) {
        const { code, details: message } = outcome.failure
        if (options.json) await out.write(jsonLine(number, Status.toJSON({ code, message, details: [] })))
        note(`error: ${describeCallFailure(outcome.failure, options)}`)
        exitCode = 1
      } else if (options.json) await out.write(jsonLine(number, FactorizeResponse.toJSON(outcome.factors)))
      else await out.write(`${number} = ${product(outcome.factors)}`)
    }
    return exitCode
  } catch (thrown) {
    throw commandErrorFrom(thrown, options)
  } finally {
    if (options.numbers.includes('-')) run.stdin.destroy()
  }
}

/** A number that is wrong or too hard does not keep the others from their answers; a service that is not there does. */
async function factorize(
  client: PrimesServiceClient,
  number: string,
  { deadlineMs = 0, signal }: { deadlineMs?: number; signal: AbortSignal },
): Promise<Outcome> {
  const deadline = Date.now() + deadlineMs
  try {
    const factors = await unaryCall<FactorizeResponse>(
      (done) => client.factorize({ number }, new Metadata(), { deadline }, done),
      signal,
    )
    return { factors }
  } catch (thrown) {
    if (!isCallFailure(thrown)) throw thrown
    if (thrown.code !== status.INVALID_ARGUMENT && thrown.code !== status.DEADLINE_EXCEEDED) throw thrown
    return { failure: thrown }
  }
}

function product({ factors }: FactorizeResponse): string {
  if (factors.length === 0) return '1'
  return factors.map(({ prime, exponent }) => (exponent === 1 ? prime : `${prime}^${exponent}`)).join(' × ')
}
