import process from 'node:process'
import { Command, InvalidArgumentError, Option } from 'commander'
import { balancingPolicies } from '../client/balancing/policy.ts'
import { wholeNumber, withClientOptions } from './client-options.ts'
import { runCommand } from './run-command.ts'
import { type IdentifyBy, identifyByFrom, podTrailer } from './spread/identify-by.ts'
import type { SpreadOptions } from './spread/spread.ts'

/** `evenkeel spread`: who answers under load, and how evenly? */
export function spreadCommand(): Command {
  const command = new Command('spread')
    .description('load a service on a fixed schedule, and show who answered')
    .addHelpText('after', help)
    .addOption(
      new Option('--connections <n>', 'each call goes over the next one').default(1).argParser(wholeNumber(1, 1000)),
    )
    .addOption(new Option('--rate <n>', 'calls per second').default(100).argParser(decimal(0.001, 100_000)))
    .addOption(
      new Option('--for <time>', 'how long, such as 30s, 500ms or 2m').default(10, '10s').argParser(secondsFrom),
    )
    .addOption(
      new Option('--arrivals <how>', 'how calls follow each other').choices(['even', 'poisson']).default('even'),
    )
    .addOption(new Option('--seed <n>', 'of what is drawn at random').default(1).argParser(wholeNumber(0, 2 ** 32)))
    .addOption(retriesOption())
    .addOption(
      new Option(
        '--keepalive-ms <ms>',
        'how often a silent peer is asked whether it is there; 1000 for Envoy and replicas of ours (default: 60000)',
      ).argParser(wholeNumber(1, 86_400_000)),
    )
    .addOption(balanceOption())
    .option('--timeline', 'with --json: when each pod was asked, and calls refused and lost, by 100 ms', false)
  addWork(command)
  addBounds(command)
  return withClientOptions(command, { deadlineMs: 10_000, json: 'one JSON object instead of tables' }).action(
    async (options: SpreadOptions) => {
      const { spread } = await import('./spread/spread.ts')
      process.exitCode = await runCommand(process, (run) => spread(options, run, process.stderr))
    },
  )
}

const help = `
Jobs of PrimesService are checks of primes that take about so long on one core;
HoldService holds a worker for as long. A mix is 70 % 1ms, 25 % 5ms, 5 % 50ms, or
what a file says, such as {"tiny": 90, "5ms": 10}.

Latency counts from the time a call was to be sent. Lost is a call that ended with
neither an answer nor RESOURCE_EXHAUSTED nor INVALID_ARGUMENT. The exit code is 1
when a bound is broken or nothing was answered.

Examples:
  evenkeel spread --rate 1000 --for 30s --expect-pods 3 --max-spread 1.05 --max-lost 0
  evenkeel spread --call grpc.health.v1.Health/Check --data '{}' --identify-by header:x-pod`

function retriesOption(): Option {
  const about =
    'who sends a call again: nobody, grpc-js where no server saw it, or what evenkeel/client does with idempotent methods too'
  return new Option('--retries <who>', about).choices(['off', 'transparent', 'policy']).default('transparent')
}

function balanceOption(): Option {
  const about =
    'how a connection spreads its calls over the addresses of a target; of an xds: target its control plane says'
  return new Option('--balance <how>', about).choices(['pick_first', ...balancingPolicies]).default('pick_first')
}

function addWork(command: Command): void {
  const ofOurs = ['job', 'mix', 'service', 'holdCompute']
  command
    .addOption(new Option('--job <name>', 'tiny, 1ms, 5ms, 50ms or mix').default('tiny'))
    .addOption(new Option('--mix <file>', 'jobs with their shares, as JSON').conflicts('job'))
    .addOption(
      new Option('--service <name>', 'whose jobs; asked of the target when not given').choices(['primes', 'hold']),
    )
    .option('--hold-compute', 'jobs of HoldService compute instead of waiting', false)
    .addOption(
      new Option(
        '--call <method>',
        'any unary package.Service/Method of a server that reflects; grpc.health.v1.Health/Check of any',
      ).conflicts(ofOurs),
    )
    .addOption(new Option('--data <json>', 'its request').default('{}'))
    .addOption(identifyOption())
}

function identifyOption(): Option {
  const about = 'where an answer says who gave it: trailer:NAME or header:NAME'
  return new Option('--identify-by <where>', about)
    .default(podTrailer, 'trailer:evenkeel-pod')
    .argParser((text): IdentifyBy => {
      const identifyBy = identifyByFrom(text)
      if (identifyBy) return identifyBy
      throw new InvalidArgumentError('It must be trailer:NAME or header:NAME.')
    })
}

function addBounds(command: Command): void {
  command
    .addOption(new Option('--expect-pods <n>', 'bound: at least so many answer').argParser(wholeNumber(1, 10_000)))
    .addOption(
      new Option(
        '--max-spread <ratio>',
        'bound: most over fewest calls per pod; "dice" is what fair dice stay under',
      ).argParser((text) => (text === 'dice' ? text : decimal(1, 1e6)(text))),
    )
    .addOption(new Option('--max-lost <n>', 'bound: at most so many calls are lost').argParser(wholeNumber(0, 1e9)))
}

function decimal(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`)
  }
}

function secondsFrom(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  const seconds = Number(amount) * ({ ms: 0.001, s: 1, m: 60 }[unit] ?? Number.NaN)
  if (seconds > 0 && seconds <= 86_400) return seconds
  throw new InvalidArgumentError('It must be a time of at most a day, such as 30s, 500ms or 2m.')
}
