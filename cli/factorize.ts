import process from 'node:process'
import { Command } from 'commander'
import { type ClientOptions, jsonOfNumbers, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel factorize`: which primes divide it? */
export function factorizeCommand(): Command {
  const command = new Command('factorize')
    .description('split each number into prime powers')
    .argument('<numbers...>', 'decimal numbers; - reads them from standard input')
    .addHelpText('after', '\nExample:\n  evenkeel factorize 340282366920938463463374607431768211457')
  return withClientOptions(command, { deadlineMs: 30_000, json: jsonOfNumbers }).action(
    async (numbers: string[], options: ClientOptions) => {
      const { factorizeNumbers } = await import('./primes/factorize-numbers.ts')
      process.exitCode = await runCommand(process, (run) => factorizeNumbers({ numbers, ...options }, run))
    },
  )
}
