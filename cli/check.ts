import process from 'node:process'
import { Command } from 'commander'
import { type ClientOptions, jsonOfNumbers, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel check`: is it prime? */
export function checkCommand(): Command {
  const command = new Command('check')
    .description('say of each number whether it is prime')
    .argument('<numbers...>', 'decimal numbers; - reads them from standard input')
    .addHelpText('after', '\nExample:\n  evenkeel check 25 18446744073709551557')
  return withClientOptions(command, { deadlineMs: 10_000, json: jsonOfNumbers }).action(
    async (numbers: string[], options: ClientOptions) => {
      const { checkNumbers } = await import('./primes/check-numbers.ts')
      process.exitCode = await runCommand(process, (run) => checkNumbers({ numbers, ...options }, run))
    },
  )
}
