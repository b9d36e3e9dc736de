import process from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { balancingPolicies } from '../client/balancing/policy.ts'
import { wholeNumber } from './client-options.ts'
import { runCommand } from './run-command.ts'
import type { UpOptions } from './up/up-options.ts'
import { workloadOption } from './workload-option.ts'

/** `evenkeel up`: a fleet on this machine, Envoy in front. */
export function upCommand(): Command {
  const port = (name: string, about: string, value: number): Option =>
    new Option(`--${name} <port>`, about).argParser(wholeNumber(0, 65_535)).default(value)
  return new Command('up')
    .description('run replicas on this machine with Envoy in front, and show what balancing each call does')
    .addOption(new Option('--replicas <n>', 'how many to start with').argParser(wholeNumber(1, 64)).default(3))
    .addOption(workloadOption())
    .addOption(
      new Option('--workers <n>', 'worker threads of each replica; by default the cores are shared out').argParser(
        wholeNumber(1, 512),
      ),
    )
    .addOption(
      new Option(
        '--front <front>',
        'who balances: envoy; callers by xds, without a proxy; none, callers by addresses alone',
      )
        .choices(['envoy', 'xds', 'none'])
        .default('envoy'),
    )
    .addOption(
      new Option('--balancing <policy>', 'how Envoy, or a caller by xds, chooses a replica')
        .choices(balancingPolicies)
        .default('least_request_full_scan'),
    )
    .addOption(port('port', "Envoy's port for callers; 0 for any free one", 8080))
    .addOption(port('ready-port', "Envoy's port for readiness and metrics; 0 for any free one", 8081))
    .addOption(port('admin-port', "Envoy's admin port; 0 for any free one", 9901))
    .addOption(
      port('control-plane-port', 'port of the control plane, which pushes endpoints; 0 for any free one', 18_000),
    )
    .addOption(
      new Option(
        '--allowed-origin <origin>',
        "whose pages may call by gRPC-Web, such as https://app.example; repeatable; by default pages of one's own machine",
      ).argParser(originsFrom),
    )
    .option('--no-table', 'do not show the same load with and without balancing of calls')
    .argument('[settings...]', 'settings of every replica, after --, such as -- --queue-limit=10')
    .addHelpText('after', '\nExample:\n  evenkeel up --replicas 5 --workload hold -- --workers=4')
    .action(async (settings: string[], options: Omit<UpOptions, 'settings'>) => {
      const { runFleet } = await import('./up/run-fleet.ts')
      process.exitCode = await runCommand(process, (run) =>
        runFleet({ ...options, settings }, { run, env: process.env, stderr: process.stderr }),
      )
    })
}

/** Adds to the origins so far. Envoy compares them with what browsers send: lower case, no default port, no path. */
function originsFrom(text: string, before: string[] = []): string[] {
  const url = URL.parse(text)
  if (url && url.host !== '' && `${url.protocol}//${url.host}` === text && !text.includes('*')) return [...before, text]
  throw new InvalidArgumentError(
    'It must be scheme://host or scheme://host:port as browsers send it, such as https://app.example.',
  )
}
