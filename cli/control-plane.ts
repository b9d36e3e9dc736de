import process from 'node:process'
import { Command } from 'commander'
import { listenForStop } from '../chassis/stop.ts'
import { asksForHelp } from '../chassis/help.ts'
import { statusCommand } from './control-plane-status.ts'

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
      .action(async (settings: string[], _, command: Command) => {
        if (asksForHelp(settings)) process.stdout.write(`${command.helpInformation()}\n`)
        const stop = listenForStop(process)
        const { runControlPlane } = await import('../control-plane/run.ts')
        process.exitCode = await runControlPlane({ argv: settings, process, stop })
      })
  )
}
