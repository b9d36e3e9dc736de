import process from 'node:process'
import { Command } from 'commander'
import { type ClientOptions, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel health`: does it serve? */
export function healthCommand(): Command {
  const command = new Command('health')
    .description('ask a service by grpc.health.v1 whether it serves; exit code 1 when it does not')
    .option('--service <name>', 'which of its services; none for the whole server', '')
    .addHelpText('after', '\nExample:\n  evenkeel health --target 127.0.0.1:50052')
  const defaults = { deadlineMs: 5000, json: 'protobuf-JSON' }
  return withClientOptions(command, defaults).action(async (options: ClientOptions & { service: string }) => {
    const { askHealth } = await import('./health/ask-health.ts')
    process.exitCode = await runCommand(process, (run) => askHealth(options, run))
  })
}
