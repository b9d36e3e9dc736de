import process from 'node:process'
import { Command, CommanderError, Option } from 'commander'
import { buildImage } from './build-image.ts'
import { knownWorkloads } from './local/workloads.ts'

/** Options as they are given. */
interface Given {
  workload: keyof typeof knownWorkloads
  controlPlane?: true
  cli?: true
  envoy?: true
  tag?: string
  base?: string
}

const command = new Command('npm run image --')
  .description(
    'Makes the image of a workload, of the control plane, of the command, or of Envoy, with Docker on Linux.',
  )
  .addOption(
    new Option('--workload <name>', 'what the image serves').choices(Object.keys(knownWorkloads)).default('primes'),
  )
  .addOption(new Option('--envoy', 'make the image of Envoy in front of it instead').conflicts('controlPlane'))
  .addOption(new Option('--control-plane', 'make the image of the control plane instead').conflicts('workload'))
  .addOption(
    new Option('--cli', 'make the image of the evenkeel command instead').conflicts([
      'workload',
      'controlPlane',
      'envoy',
    ]),
  )
  .option('--tag <tag>', 'name of the image (default: evenkeel/<workload, envoy, control-plane or cli>:<version>)')
  .option('--base <image>', "base image, or `local` for this machine's own libraries (default: distroless, else local)")
  .exitOverride()
  .action(async ({ workload, controlPlane, cli, envoy, ...given }: Given) => {
    const name = (envoy && 'envoy') ?? (controlPlane && 'control-plane') ?? (cli && 'cli') ?? workload
    const { idempotent } = knownWorkloads[workload]
    const image = await buildImage({ ...given, name, idempotent, remark: (line) => process.stderr.write(`${line}\n`) })
    const size = `${(image.sizeBytes / 1e6).toFixed(1)} MB`
    process.stdout.write(`${image.tag}  ${size}  user ${image.user}  base ${image.base}  ${image.id.slice(7, 19)}\n`)
  })

try {
  await command.parseAsync(process.argv)
} catch (thrown) {
  // Commander has printed its message. Help is 0, everything else was wrong usage.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2
  else {
    process.stderr.write(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    process.exitCode = 1
  }
}
