import process from 'node:process'
import { Command, InvalidArgumentError } from 'commander'
import { type ClientOptions, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel list`: the primes of an interval. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list the primes of an interval, one per line')
    .argument('<from>', 'first number, included', unsigned64)
    .argument('<to>', 'last number, included', unsigned64)
    .addHelpText('after', '\nExample:\n  evenkeel list 1 100')
  return withClientOptions(command).action(async (from: bigint, to: bigint, options: ClientOptions) => {
    const { printPrimes } = await import('./primes/print-primes.ts')
    process.exitCode = await runCommand(process, (run) => printPrimes({ from, to, ...options }, run))
  })
}

function unsigned64(text: string): bigint {
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n
  if (value >= 0n && value < 2n ** 64n) return value
  throw new InvalidArgumentError('It must be a whole number from 0 to 2^64 - 1.')
}
