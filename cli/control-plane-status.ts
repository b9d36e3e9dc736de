import process from 'node:process'
import { Command } from 'commander'
import { type ClientOptions, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel control-plane` where none can be run, only asked. */
export function controlPlaneStatusOnly(): Command {
  return new Command('control-plane').description('ask a control plane for its status').addCommand(statusCommand())
}

/** `evenkeel control-plane status`: who subscribes, and how do they stand? */
export function statusCommand(): Command {
  const command = new Command('status')
    .description('list the subscribers of a control plane, with what each was sent and has taken')
    .helpOption('-h, --help')
    .addHelpText('after', '\nExample:\n  evenkeel control-plane status --target 127.0.0.1:18000')
  const defaults = {
    deadlineMs: 5000,
    json: 'one object for each subscriber and type; [] when there is no subscriber',
    target: '127.0.0.1:18000',
    who: 'the control plane',
  }
  return withClientOptions(command, defaults).action(async (options: ClientOptions) => {
    const { showStatus } = await import('./control-plane/show-status.ts')
    process.exitCode = await runCommand(process, (run) => showStatus(options, run))
  })
}
