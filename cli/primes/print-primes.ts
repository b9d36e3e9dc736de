import { ListPrimesResponse } from '../../gen/evenkeel/primes/v1/primes.ts'
import type { ClientOptions } from '../client-options.ts'
import type { CommandRun } from '../run-command.ts'
import { commandErrorFrom } from './call-failure.ts'
import { connectPrimes } from './connect.ts'
import { listPrimes } from './list-primes.ts'

/** Prints the primes of an interval as they come, one per line, or one message of the stream per line as JSON. */
export async function printPrimes(
  options: ClientOptions & { from: bigint; to: bigint },
  { signal, out }: CommandRun,
): Promise<number> {
  using client = connectPrimes(options)
  try {
    for await (const message of listPrimes(client, { ...options, signal })) {
      if (options.json) await out.write(JSON.stringify(ListPrimesResponse.toJSON(message)))
      else if (message.primes.length > 0) await out.write(message.primes.join('\n'))
    }
    return 0
  } catch (thrown) {
    throw commandErrorFrom(thrown, options)
  }
}
