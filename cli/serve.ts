import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { asksForHelp } from '../chassis/help.ts'
import { workloadNamed } from '../deploy/local/workloads.ts'
import { workloadOption } from './workload-option.ts'

/** `evenkeel serve`: one replica in this process. */
export function serveCommand(): Command {
  return (
    new Command('serve')
      .description('serve a workload in this process until SIGTERM, then drain; `serve --help` lists its settings')
      .addOption(workloadOption())
      .argument('[settings...]', 'settings of the replica, as flags')
      // The replica prints its own settings.
      .helpOption(false)
      .allowUnknownOption()
      .action(async (settings: string[], { workload }: { workload: string }, command: Command) => {
        if (asksForHelp(settings)) process.stdout.write(`${command.helpInformation()}\n`)
        const main = resolve(workloadNamed(workload).main)
        // The module is an entry point: it reads its settings from the command line and ends the process.
        process.argv = [process.execPath, main, ...settings]
        await import(pathToFileURL(main).href).catch((error: unknown) => {
          const [why] = String(error).split('\n')
          process.stderr.write(`error: ${workload} cannot be loaded: ${why}; \`node ${main}\` shows where\n`)
          process.exit(2)
        })
      })
  )
}
