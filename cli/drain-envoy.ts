import process from 'node:process'
import { Command, Option } from 'commander'
import { addressFrom, wholeNumber } from './client-options.ts'
import type { DrainOptions } from './drain-envoy/drain-envoy.ts'
import { listenForSignals } from './drain-envoy/signals.ts'

/** `evenkeel drain-envoy`: has Envoy's callers leave before Envoy ends. */
export function drainEnvoyCommand(): Command {
  return new Command('drain-envoy')
    .description('wait for SIGTERM, then have the callers of an Envoy leave, and end when they have')
    .addOption(
      new Option('--admin <host:port>', "Envoy's admin interface").default('127.0.0.1:9901').argParser(addressFrom),
    )
    .addOption(
      new Option('--timeout-ms <ms>', 'how long callers may take')
        .default(35_000)
        .argParser(wholeNumber(1, 86_400_000)),
    )
    .addHelpText('after', help)
    .action(async (options: DrainOptions) => {
      using signals = listenForSignals(process)
      const { drainEnvoy } = await import('./drain-envoy/drain-envoy.ts')
      process.exitCode = await drainEnvoy(options, signals, (line) => void process.stderr.write(`${line}\n`))
    })
}

const help = `
It runs beside Envoy, which gets its own SIGTERM when this has ended: in a pod Envoy
is a sidecar (an init container with restartPolicy: Always). Envoy needs the flags
--drain-time-s 10 --drain-strategy immediate; by default it takes ten minutes.

The exit code is 0 when every connection is gone, 1 when some are left after the
timeout or Envoy does not answer, 130 and 143 at a second signal.`
