import { InvalidArgumentError, Option } from 'commander'
import { workloadNamed } from '../deploy/local/workloads.ts'

/** `--workload`: which workload a replica serves; wrong usage for a name that does not exist. */
export function workloadOption(): Option {
  return new Option('--workload <name>', 'primes, hold, or the path of a module that serves one')
    .default('primes')
    .argParser((name) => {
      try {
        workloadNamed(name)
      } catch (error) {
        throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
      }
      return name
    })
}
