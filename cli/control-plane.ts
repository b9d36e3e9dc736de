import process from 'node:process'
import { Command } from 'commander'
import { listenForStop } from '../chassis/stop.ts'
import { type ClientOptions, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'

/** `evenkeel control-plane`: tells Envoy, and callers without it, where the replicas are. */
export function controlPlaneCommand(): Command {
  return (
    new Command('control-plane')
      .description(
        'tell Envoy and callers without a proxy where the replicas are; `control-plane --help` lists its settings',
      )
      .argument('[settings...]', 'settings of the control plane, as flags')
      // The control plane prints its own settings.
      .helpOption(false)
      .allowUnknownOption()
      .addCommand(statusCommand())
      .action(async (settings: string[]) => {
        const stop = listenForStop(process)
        const { runControlPlane } = await import('../control-plane/run.ts')
        process.exitCode = await runControlPlane({ argv: settings, process, stop })
      })
  )
}

function statusCommand(): Command {
  const command = new Command('status')
    .description('list the subscribers of a control plane, with what each was sent and has taken')
    .helpOption('-h, --help')
    .addHelpText('after', '\nExample:\n  evenkeel control-plane status --target 127.0.0.1:18000')
  const defaults = {
    deadlineMs: 5000,
    json: 'one object for each subscriber and type',
    target: '127.0.0.1:18000',
    who: 'the control plane',
  }
  return withClientOptions(command, defaults).action(async (options: ClientOptions) => {
    const { showStatus } = await import('./control-plane/show-status.ts')
    process.exitCode = await runCommand(process, (run) => showStatus(options, run))
  })
}
